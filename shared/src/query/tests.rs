use super::*;
use crate::Value;
use crate::sorted::SortedMap;
use proptest::prelude::*;

/// A device as a test wants it.
struct Sample {
    state: DeviceState,
    texts: Vec<(TextField, &'static str)>,
    seen: Option<Timestamp>,
    tags: SortedMap<String, String>,
    values: Vec<(Path, Value)>,
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

impl Subject for Sample {
    fn state(&self) -> DeviceState {
        self.state
    }

    fn text(&self, field: TextField, look: &mut dyn FnMut(&str)) {
        if let Some((_, text)) = self.texts.iter().find(|(known, _)| *known == field) {
            look(text);
        }
    }

    fn number(&self, field: NumberField) -> Option<f64> {
        match field {
            NumberField::Lifetime => Some(3600.0),
            NumberField::Pending => Some(2.0),
        }
    }

    fn time(&self, field: TimeField) -> Option<Timestamp> {
        match field {
            TimeField::Seen => self.seen,
            TimeField::Registered => None,
        }
    }

    fn flag(&self, _: FlagField) -> bool {
        true
    }

    fn tags(&self) -> Option<&SortedMap<String, String>> {
        Some(&self.tags)
    }

    fn value(&self, path: Path) -> Option<&Value> {
        self.values
            .iter()
            .find(|(known, _)| *known == path)
            .map(|(_, value)| value)
    }
}

fn pump() -> Sample {
    Sample {
        state: DeviceState::Late,
        texts: vec![
            (TextField::Endpoint, "urn:dev:os:32473-7"),
            (TextField::Model, "X1 Pro"),
            (TextField::Firmware, "2.4.1"),
            (TextField::Label, "Pump, north"),
        ],
        seen: Some(NOW.plus_seconds(-2 * 86_400)),
        tags: SortedMap::from([("site".to_owned(), "Berlin".to_owned())]),
        values: vec![
            (Path::resource(3, 0, 9), Value::Integer(15)),
            (Path::resource(3, 0, 0), Value::String("Acme".into())),
            (Path::resource(3303, 0, 5700), Value::Float(-3.5)),
            (Path::resource(3, 0, 13), Value::Boolean(true)),
        ],
    }
}

#[test]
fn terms_hold_or_not() {
    for (query, expect) in [
        ("", true),
        ("   ", true),
        ("pump", true),
        ("PUMP north", true),
        ("\"pump, n\"", true),
        ("pump south", false),
        ("-south pump", true),
        ("-pump", false),
        ("urn:dev:os:32473-7", true),
        ("site=berlin", true),
        ("site=bonn", false),
        ("state:late", true),
        ("state:online", false),
        ("state:online,late", true),
        ("state:online state:late", true),
        ("-state:online", true),
        ("-state:online -state:late", false),
        ("model:x1", true),
        ("model:\"x1 pro\"", true),
        ("model=x1", false),
        ("model=\"X1 Pro\"", true),
        ("model:Z,x1", true),
        ("serial:*", false),
        ("-serial:*", true),
        ("model:*", true),
        ("fw<2.10", true),
        ("fw<2.4", false),
        ("firmware>=2.4.1", true),
        ("firmware!=2.4.1", false),
        ("seen>1d", true),
        ("seen>1d23h", true),
        ("seen<1h", false),
        ("seen<2027-01-15", true),
        ("seen>2027-01-15", false),
        ("seen:*", true),
        ("registered<1h", false),
        ("lifetime>=3600", true),
        ("lifetime:3600", true),
        ("pending>2", false),
        ("tag:site", true),
        ("tag:SITE=berlin", true),
        ("tag:site:ber", true),
        ("tag:site=ber", false),
        ("tag:floor", false),
        ("queue:yes", true),
        ("queue:no", false),
        ("/3/0/9<20", true),
        ("/3/0/9<15", false),
        ("/3/0/9=15", true),
        ("/3303/0/5700<-3", true),
        ("/3/0/0:acme", true),
        ("/3/0/0=acme", true),
        ("/3/0/1", false),
        ("/3/0/0", true),
        ("/3/0/13=1", true),
        ("/3/0/0>1000000", true),
        (
            "state:late model:\"X1\" fw<2.5 tag:site=berlin seen>1d /3/0/9<20 pump",
            true,
        ),
    ] {
        let parsed: Query = query.parse().unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(parsed.accepts(&pump(), NOW), expect, "{query}");
    }
}

#[test]
fn mistakes_are_told_where_they_are() {
    for (query, at, words) in [
        ("state:gone", 6..10, "no state 'gone'"),
        ("é state:late,gone x", 13..17, "no state 'gone'"),
        ("sate:late", 0..4, "did you mean state?"),
        ("pump modle:x", 5..10, "did you mean model?"),
        ("size<5", 0..4, "no field 'size'"),
        ("state>late", 6..7, "no order"),
        ("fw<", 3..4, "missing"),
        ("model:\"x", 6..8, "not closed"),
        ("seen:1d", 5..7, "compare with"),
        ("seen>soon", 5..9, "neither a span"),
        ("pending>many", 8..12, "not a number"),
        ("queue:maybe", 6..11, "yes or no"),
        ("/3/0<5", 0..4, "only resources"),
        ("/3/x/1", 0..6, "'x' is not an identifier"),
        ("pump /3/0/70000>1", 5..15, "'70000' is not an identifier"),
        ("model!x", 5..6, "operators are"),
        ("-", 1..2, "nothing to look for"),
    ] {
        let error = query.parse::<Query>().unwrap_err();
        assert_eq!(error.at, at, "{query}: {error}");
        assert!(error.message.contains(words), "{query}: {error}");
    }
    let many = "x ".repeat(MAX_TERMS + 1);
    assert_eq!(many.parse::<Query>().unwrap_err().at, 64..65);
}

#[test]
fn what_may_follow_is_suggested() {
    let vocabulary = Vocabulary {
        models: vec!["X1 Pro".into(), "Z9".into()],
        firmwares: vec!["2.4.1".into()],
        tags: vec!["site=berlin".into(), "site=bonn".into()],
    };
    let check = |query: &str, cursor: usize, replaces: Range<usize>, expect: &[&str]| {
        let found = suggest(query, cursor, &vocabulary);
        let texts: Vec<&str> = found.items.iter().map(|item| item.text.as_str()).collect();
        assert_eq!(texts, expect, "{query} at {cursor}");
        if !expect.is_empty() {
            assert_eq!(found.replaces, replaces, "{query} at {cursor}");
        }
    };
    check("st", 2, 0..2, &["state:"]);
    check("pump -st", 8, 6..8, &["state:"]);
    check("state:la", 8, 6..8, &["late"]);
    check("state:late,of x", 13, 11..13, &["offline"]);
    check("model:", 6, 6..6, &["\"X1 Pro\"", "Z9"]);
    check("model:\"x1 p", 11, 6..11, &["\"X1 Pro\""]);
    check("tag:site=b", 10, 4..10, &["site=berlin", "site=bonn"]);
    check("see", 3, 0..3, &["seen>"]);
    check("queue:", 6, 6..6, &["yes", "no"]);
    check("seen", 4, 0..4, &["seen>", "seen<", "seen:*"]);
    check("pump fw", 7, 5..7, &["fw:", "fw=", "fw<", "fw>=", "fw:*"]);
    check("-model=", 7, 7..7, &["\"X1 Pro\"", "Z9"]);
    check("fw>=2", 5, 4..5, &["2.4.1"]);
    check("seen>1", 6, 5..6, &["10m", "1h", "1d", "1w"]);
    check("/3/0/1", 6, 0..6, &["/3/0/1<", "/3/0/1>", "/3/0/1:", "/3/0/1:*"]);
    check("/33", 3, 0..3, &["/3303/0/5700", "/3304/0/5700"]);
    check("urn:dev", 7, 0..0, &[]);
    check("é mod", 5, 2..5, &["model:"]);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}", cursor in 0usize..80) {
        if let Ok(query) = text.parse::<Query>() {
            query.accepts(&pump(), NOW);
        }
        suggest(&text, cursor, &Vocabulary::default());
    }

    #[test]
    fn no_query_like_text_panics(text in "[-a-z:=<>!\"/0-9,\\\\ é]{0,40}", cursor in 0usize..50) {
        match text.parse::<Query>() {
            Ok(query) => { query.accepts(&pump(), NOW); }
            Err(error) => prop_assert!(error.at.start <= text.chars().count(), "{error:?}"),
        }
        suggest(&text, cursor, &Vocabulary::default());
    }

    #[test]
    fn a_suggestion_that_is_put_in_is_understood(state in 0usize..9, written in 0usize..3) {
        let name = DeviceState::ALL[state].name();
        let query = format!("pump state:{}", &name[..written]);
        let found = suggest(&query, query.len(), &Vocabulary::default());
        let item = found.items.iter().find(|item| item.text == name).expect("the state is suggested");
        let whole = format!("{}{}", &query[..found.replaces.start], item.text);
        prop_assert!(whole.parse::<Query>().is_ok());
    }
}
