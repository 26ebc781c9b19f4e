use alloc::format;
use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use super::mirrored;
use crate::mirror::{read_list, read_tools};

#[test]
fn bad_tools_are_cut_and_all_else_stays() {
    let good = r#"{ "name" : "good","inputSchema":{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}}"#;
    let plain = r#"{"inputSchema":true,"name":"plain"}"#;
    let bad = r#"{"name":"bad","inputSchema":{"x-mcp-header":"A"}}"#;
    let nameless = r#"{"inputSchema":{"x-mcp-header":"A"}}"#;
    let odd = r#"{"title":"no name"}, 7"#;
    let result = |tools: &str| {
        format!(
            "{{ \"_meta\":{{\"tools\":[]}},\"tools\" : {tools} ,\"nextCursor\":\"\\u0041\",\"ttlMs\":1.50}} "
        )
    };
    for (tools, kept) in [
        (format!("[{bad}]"), "[]".to_string()),
        (format!("[ {bad}\n]"), "[ \n]".into()),
        (format!("[ {bad} ,\t{good} ]"), format!("[ {good} ]")),
        (format!("[{good} , {bad}\n]"), format!("[{good}\n]")),
        (
            format!("[{good} , {bad},  {plain},{bad} , {odd}]"),
            format!("[{good},  {plain} , {odd}]"),
        ),
        (format!("[{nameless},{bad},{plain}]"), format!("[{plain}]")),
    ] {
        let list = read_list(&result(&tools)).expect("a list");
        assert_eq!(list.kept, Some(result(&kept)));
        assert_eq!(list.next_cursor.as_deref(), Some("\"\\u0041\""));
        assert_eq!(read_tools(&tools).expect("a list").kept, Some(kept.clone()));
        assert_eq!(read_tools(&kept).expect("a list").kept, None);
    }
    let list = read_tools(&format!("[{nameless},{good},{odd},{bad},{plain}]")).expect("a list");
    assert_eq!(
        list.tools,
        [
            ("good".into(), vec![mirrored(&["a"], "mcp-param-a")]),
            ("plain".into(), vec![])
        ]
    );
    let names: Vec<_> = list
        .excluded
        .iter()
        .map(|bad| bad.name.as_deref())
        .collect();
    assert_eq!(names, [None, Some("bad")]);
}

#[test]
fn what_is_no_list_of_tools() {
    for result in [
        "",
        "[]",
        "{}",
        r#"{"tools":{}}"#,
        r#"{"tools":null}"#,
        r#"{"tools":[1}"#,
    ] {
        assert!(read_list(result).is_none(), "{result}");
    }
    let list = read_list(r#"{"tools":[],"nextCursor":null}"#).expect("a list");
    assert!(list.kept.is_none() && list.tools.is_empty() && list.next_cursor.is_none());
    assert!(read_tools("{}").is_none());
}

#[test]
fn as_deep_as_anything_is_read() {
    let tools = |depth: usize| {
        let schema = format!(
            r#"{}{{"x-mcp-header":"A"}}{}"#,
            r#"{"not":"#.repeat(depth),
            "}".repeat(depth)
        );
        format!(r#"[{{"inputSchema":{schema}}}]"#)
    };
    // The array, the tool and the innermost object are levels too.
    let list = read_tools(&tools(125)).expect("a list");
    assert_eq!(list.excluded.len(), 1);
    assert!(read_tools(&tools(126)).is_none());
}
