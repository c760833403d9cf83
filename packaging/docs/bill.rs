//! The list of parts for scanners, in the format `CycloneDX`.

use crate::pages::released;
use crate::parts::{Key, Part, Parts};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Lists all parts. It has neither a serial number nor the time of its writing, so it is the same for the same sources.
pub(crate) fn of(parts: &Parts) -> serde_json::Result<String> {
    let program = format!("pkg:github/runawayguard/runaway-guard@v{VERSION}");
    let needed = |needs: &BTreeSet<Key>| needs.iter().map(|key| parts.all[key].purl.clone()).collect::<Vec<_>>();
    let mut dependencies = vec![json!({"ref": program, "dependsOn": needed(&parts.program)})];
    dependencies.extend(parts.all.values().map(|part| json!({"ref": part.purl, "dependsOn": needed(&part.needs)})));
    serde_json::to_string_pretty(&json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": format!("{}T00:00:00Z", released()),
            "component": {
                "type": "application",
                "bom-ref": program,
                "supplier": {"name": "The RunawayGuard developers"},
                "name": env!("CARGO_PKG_NAME"),
                "version": VERSION,
                "description": env!("CARGO_PKG_DESCRIPTION"),
                "licenses": [{"expression": env!("CARGO_PKG_LICENSE")}],
                "purl": program,
                "externalReferences": [{"type": "vcs", "url": env!("CARGO_PKG_REPOSITORY")}],
            },
        },
        "components": parts.all.iter().map(|(key, part)| component(key, part)).collect::<Vec<_>>(),
        "dependencies": dependencies,
    }))
}

fn component((name, version): &Key, part: &Part) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": part.purl,
        "name": name,
        "version": version,
        "licenses": [{"expression": part.licence}],
        "purl": part.purl,
        "externalReferences": [{"type": "vcs", "url": part.home}],
    });
    if let Some(checksum) = &part.checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    if name == "sqlite" {
        component["cpe"] = format!("cpe:2.3:a:sqlite:sqlite:{version}:*:*:*:*:*:*:*").into();
    }
    component
}
