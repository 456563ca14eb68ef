//! The allowed elements, attributes and functions of an SVG logo: names separated by spaces.

/// The elements that draw. Elements that are active (`script`, `a`, animations), load other content (`image`, `use`,
/// `foreignObject`) or are expensive to draw (`filter`, `pattern`) are not allowed.
pub const ELEMENTS: &str = "svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop \
    clipPath";
/// Elements that draw nothing and are removed with their content. Style sheets are read before they are removed.
pub const DROPPED: &str = "metadata style";
/// Attributes for position and size.
pub const SHAPE: &str = "id viewBox preserveAspectRatio version width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points dx dy offset \
    transform gradientTransform gradientUnits spreadMethod clipPathUnits pathLength rotate textLength";
/// Attributes for the appearance, which can also be declarations in `style`.
pub const LOOKS: &str = "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit \
    stroke-dasharray stroke-dashoffset opacity color stop-color stop-opacity clip-path clip-rule display visibility \
    overflow paint-order vector-effect shape-rendering text-rendering font-family font-size font-weight font-style \
    text-anchor letter-spacing word-spacing dominant-baseline baseline-shift";
/// The functions that a value may call. The argument of `url` must be a part of the same image.
pub const FUNCTIONS: &str = "rgb rgba hsl hsla url matrix translate scale rotate skewx skewy icc-color";

/// True if a list contains this name.
pub fn has(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == name)
}
