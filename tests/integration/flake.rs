//! The flake for Nix and `NixOS`, as far as it can be looked at without Nixpkgs.

use crate::harness::{Home, requires};
use crate::packages::succeeds;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn nix_understands_the_flake() {
    if !requires(&["nix-instantiate"]) {
        return;
    }
    let home = Home::new();
    for file in ["flake.nix", "package.nix"] {
        succeeds(nix(&home).arg("--parse").arg(shipped("packaging/nix").join(file)));
    }
    let flake = shipped("packaging/nix/flake.nix");
    let nixpkgs = shipped("tests/fixtures/packages/nixpkgs.nix");
    let expression = format!("import {} {}", nixpkgs.display(), flake.display());
    let told = succeeds(nix(&home).args(["--eval", "--strict", "--json", "--expr", &expression]));
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["pname"], "runaway-guard");
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(told["locked"], true);
    assert_eq!(told["licenses"].as_array().unwrap().len(), 2);
    assert_eq!(told["wanted"][0], "graphical-session.target");
    assert_eq!(told["path"], serde_json::json!([]), "the unit has the PATH of the session");
    assert!(told["postInstall"].as_str().unwrap().contains("packaging/build tree --binary $out/bin/runaway-guard"));
}

/// Nix, with its store in this home.
fn nix(home: &Home) -> Command {
    let mut nix = home.command("nix-instantiate");
    nix.env("NIX_REMOTE", home.path("nix")).env("NIX_STATE_DIR", home.path("nix/var"));
    nix.env("NIX_STORE_DIR", home.path("nix/store")).env("NIX_LOG_DIR", home.path("nix/log"));
    nix
}

fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
