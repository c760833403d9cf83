use super::*;
use proptest::prelude::*;

fn masked(arguments: &[&str]) -> String {
    mask(&arguments.iter().map(|argument| argument.as_bytes()).collect::<Vec<_>>())
}

#[test]
fn options_with_a_secret_are_masked() {
    for (arguments, expected) in [
        (&["psql", "--password=hunter2", "db"][..], "psql --password=*** db"),
        (&["tool", "--password", "hunter2", "go"], "tool --password *** go"),
        (&["tool", "--password=two words", "go"], "tool --password=*** go"),
        (&["tool", "--db-passwd", "a b c"], "tool --db-passwd ***"),
        (&["tool", "--api_key=1", "--api-key", "2", "--apiKey=3"], "tool --api_key=*** --api-key *** --apiKey=***"),
        (&["gh", "--token", "ghp_1"], "gh --token ***"),
        (&["java", "-Djavax.net.ssl.trustStorePassword=x"], "java -Djavax.net.ssl.trustStorePassword=***"),
        (
            &["java", "-jar", "a.jar", "--spring.datasource.password=x&y;z"],
            "java -jar a.jar --spring.datasource.password=***",
        ),
        (&["keytool", "-storepass", "x"], "keytool -storepass ***"),
        (&["openssl", "rsa", "-passin", "pass:hunter2"], "openssl rsa -passin pass:***"),
    ] {
        assert_eq!(masked(arguments), expected);
    }
}

#[test]
fn short_options_are_masked_for_the_programs_that_have_them() {
    assert_eq!(masked(&["/usr/bin/mysql", "-uroot", "-phunter2", "db"]), "/usr/bin/mysql -uroot -p*** db");
    assert_eq!(masked(&["sudo", "mysqldump", "-phunter2"]), "sudo mysqldump -p***");
    assert_eq!(masked(&["sshpass", "-p", "hunter2", "ssh", "host"]), "sshpass -p *** ssh host");
    assert_eq!(masked(&["redis-cli", "-a", "hunter2", "ping"]), "redis-cli -a *** ping");
    assert_eq!(masked(&["curl", "-u", "me:hunter2", "x"]), "curl -u me:*** x");
    assert_eq!(masked(&["curl", "-ume:hunter2", "x"]), "curl -ume:*** x");
    assert_eq!(masked(&["sh", "-c", "cd /x; mysql -phunter2 db"]), "sh -c cd /x; mysql -p*** db");
}

#[test]
fn variables_headers_and_texts_are_masked() {
    for (argument, expected) in [
        ("AWS_SECRET_ACCESS_KEY=abc/def", "AWS_SECRET_ACCESS_KEY=***"),
        ("GITHUB_TOKEN=x", "GITHUB_TOKEN=***"),
        ("PGPASSWORD=x", "PGPASSWORD=***"),
        ("Authorization: Bearer eyJhbGciOi.J9.x", "Authorization: Bearer ***"),
        ("Authorization: Basic dXNlcjpw", "Authorization: Basic ***"),
        ("authorization:abc", "authorization:***"),
        ("X-Api-Key: abc", "X-Api-Key: ***"),
        ("--header=X-Auth-Token: abc", "--header=X-Auth-Token: ***"),
        ("curl -H 'Authorization: Bearer abc' https://x/", "curl -H 'Authorization: Bearer ***' https://x/"),
        (r#"{"user":"me","password":"a b","n":1}"#, r#"{"user":"me","password":"***","n":1}"#),
        (r#"{"api_key": "abc"}"#, r#"{"api_key": "***"}"#),
        ("run --password hunter2 --fast", "run --password *** --fast"),
        ("set x; TOKEN=abc run", "set x; TOKEN=*** run"),
        ("Server=db;User Id=me;Pwd=x y", "Server=db;User Id=me;Pwd=*** y"),
        ("https://h/path?x=1&token=abc&y=2", "https://h/path?x=1&token=***&y=2"),
    ] {
        assert_eq!(masked(&["x", argument]), format!("x {expected}"));
    }
}

#[test]
fn passwords_in_urls_are_masked() {
    for (argument, expected) in [
        ("https://user:pass@host/path", "https://user:***@host/path"),
        ("postgres://me:p@ss@db:5432/x", "postgres://me:***@db:5432/x"),
        ("--url=amqp://a:b@h,amqp://c:d@i", "--url=amqp://a:***@h,amqp://c:***@i"),
        ("https://ghp_0123456789abcdefghij@github.com/x", "https://***@github.com/x"),
        ("git clone https://u:p@h/r && cd r", "git clone https://u:***@h/r && cd r"),
    ] {
        assert_eq!(masked(&["x", argument]), format!("x {expected}"));
    }
}

#[test]
fn harmless_command_lines_stay_as_they_are() {
    for arguments in [
        &["/usr/lib/firefox/firefox", "-contentproc", "-childID", "7", "--type=renderer"][..],
        &["chrome", "--password-store=basic", "--token-file", "/x", "--passwords-off"],
        &["llama", "--max-tokens", "4096", "--tokenizer=bpe", "--keyboard", "us"],
        &["psql", "--no-password", "db", "-p", "5432", "-p5432"],
        &["docker", "build", "--secret", "id=npm,src=/x", "--name", "mysql", "-p3306:3306", "mysql"],
        &["ssh", "-p", "22", "git@github.com", "ssh://git@github.com:22/x"],
        &["ffmpeg", "-pass", "1", "-i", "a:b.mkv"],
        &["make", "PWD=/home/me", "OLDPWD=/tmp", "KEY=value", "monkey=1", "compass=n"],
        &["cargo", "test", "secrets::token::tests", "https://docs.rs/x@1", "--user", "me"],
        &["curl", "-u", "me", "https://host:8080/a@b?b=c#d", "-o", "token.json"],
        &["nginx: worker process"],
        &["sshd: me@pts/0"],
        &["sh", "-c", "echo password; ls --color=auto | wc -l"],
        &["docker", "run", "-v", "secret:/run/secret", "--password="],
        &["java", "-Dkey.store=/x", "-cp", "a.jar:b.jar", "org.token.Main"],
    ] {
        assert_eq!(masked(arguments), arguments.join(" "));
    }
}

#[test]
fn a_long_command_line_is_cut_on_a_character() {
    let long = "ä".repeat(3000);
    let line = masked(&["x", &long, "--password=hunter2"]);
    assert!(line.len() <= LONGEST && line.len() > LONGEST - 4, "{}", line.len());
    assert!(line.ends_with("ä…"));
    assert_eq!(masked(&["x", &"y".repeat(LONGEST - 2)]).len(), LONGEST);
    assert!(!masked(&["x", &"y".repeat(LONGEST - 2)]).ends_with('…'));
}

#[test]
fn broken_text_is_replaced_and_nothing_is_nothing() {
    assert_eq!(mask(&[b"a\xff", b"token=\xff"]), "a\u{fffd} token=***");
    assert_eq!(mask(&[]), "");
    assert_eq!(mask(&[b""]), "");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_arguments_never_panic(arguments in proptest::collection::vec(".{0,40}", 0..6)) {
        masked(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn random_punctuation_never_panics(argument in r#"(password|token|://|:|=|@|"|'| |-p|ä|--|;|&|x){0,20}"#) {
        masked(&["mysql", &argument, &argument]);
    }

    #[test]
    fn a_secret_never_comes_through(
        secret in "[A-Z0-9/+]{12,30}",
        place in 0_usize..10,
    ) {
        let forms = [
            "--password=S", "DB_TOKEN=S", "Authorization: Bearer S", "X-Api-Key:  S", "https://me:S@h/",
            r#"{"secret": "S"}"#, "sh -c 'tool --api-key S x'", "a?access_token=S&b=1", "-Dx.password=S", "pass:S",
        ];
        let secret = format!("Q{secret}");
        let line = masked(&["tool", &forms[place].replace('S', &secret)]);
        prop_assert!(!line.contains(&secret), "{}", line);
    }
}
