//! Plain values that a function may return instead of what it should.

use syn::{GenericArgument, PathArguments, ReturnType, Type, TypeParamBound};

/// Values of the type, as expressions; the compiler judges whether they are.
pub(crate) fn plain(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec![String::new()],
        ReturnType::Type(_, of) => of_type(of),
    }
}

/// Whether the type is an iterator of whatever kind. Of those no other can be returned, but an empty one.
pub(crate) fn is_iterator(output: &ReturnType) -> bool {
    let ReturnType::Type(_, of) = output else {
        return false;
    };
    let Type::ImplTrait(of) = &**of else {
        return false;
    };
    of.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => last(&bound.path) == "Iterator",
        _ => false,
    })
}

fn of_type(of: &Type) -> Vec<String> {
    const DEFAULT: &str = "Default::default()";
    let owned = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
    match of {
        Type::Path(of) => match last(&of.path).as_str() {
            "bool" => owned(&["true", "false"]),
            "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => owned(&["0", "1"]),
            "Option" => [String::from("None")]
                .into_iter()
                .chain(inside(&of.path, "Some"))
                .collect(),
            "Result" => inside(&of.path, "Ok"),
            _ => owned(&[DEFAULT]),
        },
        Type::Reference(of) if of.mutability.is_none() => match &*of.elem {
            Type::Path(path) if last(&path.path) == "str" => owned(&["\"\""]),
            Type::Slice(_) => owned(&["&[]"]),
            _ => Vec::new(),
        },
        Type::Tuple(of) if of.elems.is_empty() => owned(&["()"]),
        Type::Tuple(_) => owned(&[DEFAULT]),
        _ => Vec::new(),
    }
}

/// The values of the first type argument, within this variant.
fn inside(path: &syn::Path, variant: &str) -> Vec<String> {
    let arguments = path.segments.last().map(|segment| &segment.arguments);
    let Some(PathArguments::AngleBracketed(arguments)) = arguments else {
        return Vec::new();
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(of)) => of_type(of)
            .into_iter()
            .map(|value| format!("{variant}({value})"))
            .collect(),
        _ => Vec::new(),
    }
}

fn last(path: &syn::Path) -> String {
    let last = path.segments.last();
    last.map_or_else(String::new, |segment| segment.ident.to_string())
}
