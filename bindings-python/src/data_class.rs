//! What all classes of plain data have in common.

use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;

/// A frozen class with read-only attributes that can be compared, printed and matched by position.
///
/// `module "name" Class as "Name" { field: type, .. }`: Python knows the class as `module.Name`.
macro_rules! data_class {
    (
        $(#[$about:meta])*
        $module:literal $class:ident as $name:literal {
            $($(#[$meaning:meta])* $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$about])*
        #[pyo3::pyclass(frozen, module = $module, name = $name)]
        #[derive(Debug)]
        pub(crate) struct $class {
            $($(#[$meaning])* #[pyo3(get)] pub(crate) $field: $kind,)*
        }

        #[pyo3::pymethods]
        impl $class {
            #[classattr]
            fn __match_args__(
                py: pyo3::Python<'_>,
            ) -> pyo3::PyResult<pyo3::Bound<'_, pyo3::types::PyTuple>> {
                let names: &[&str] = &[$(stringify!($field)),*];
                pyo3::types::PyTuple::new(py, names)
            }

            fn __eq__<'py>(
                &self,
                other: &pyo3::Bound<'py, pyo3::PyAny>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                let py = other.py();
                let Ok(other) = other.cast::<Self>() else {
                    return Ok(py.NotImplemented().into_bound(py));
                };
                let other = other.get();
                let _ = other;
                let equal = true
                    $(&& $crate::data_class::are_equal::<$kind>(py, &self.$field, &other.$field)?)*;
                Ok(pyo3::types::PyBool::new(py, equal).to_owned().into_any())
            }

            fn __repr__(&self, py: pyo3::Python<'_>) -> pyo3::PyResult<String> {
                let fields: &[String] =
                    &[$($crate::data_class::shown::<$kind>(py, stringify!($field), &self.$field)?),*];
                let _ = py;
                Ok(format!("{}({})", $name, fields.join(", ")))
            }
        }
    };
}
pub(crate) use data_class;

/// Whether two values are equal in Python.
pub(crate) fn are_equal<'a, 'py, T>(py: Python<'py>, one: &'a T, other: &'a T) -> PyResult<bool>
where
    &'a T: IntoPyObject<'py>,
{
    object(py, one)?.eq(object(py, other)?)
}

/// `name=value`, as Python writes them.
pub(crate) fn shown<'a, 'py, T>(py: Python<'py>, name: &str, value: &'a T) -> PyResult<String>
where
    &'a T: IntoPyObject<'py>,
{
    Ok(format!("{name}={}", object(py, value)?.repr()?))
}

fn object<'py, T: IntoPyObject<'py>>(py: Python<'py>, value: T) -> PyResult<Bound<'py, PyAny>> {
    value.into_bound_py_any(py)
}
