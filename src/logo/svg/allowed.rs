//! The allowed parts of a logo: names separated by spaces.

/// The elements that draw. Not among them: what acts (`script`, `a`, animations), what loads (`image`, `use`, `foreignObject`), and
/// what costs much to draw (`filter`, `pattern`).
pub const ELEMENTS: &str = "svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop \
    clipPath";
/// Elements that draw nothing, left out with their content. A style sheet is read before that.
pub const DROPPED: &str = "metadata style";
/// Attributes that say where and how large.
pub const SHAPE: &str = "id viewBox preserveAspectRatio version width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points dx dy offset \
    transform gradientTransform gradientUnits spreadMethod clipPathUnits pathLength rotate textLength";
/// Attributes that say how it looks; the same words stand in `style`.
pub const LOOKS: &str = "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit \
    stroke-dasharray stroke-dashoffset opacity color stop-color stop-opacity clip-path clip-rule display visibility \
    overflow paint-order vector-effect shape-rendering text-rendering font-family font-size font-weight font-style \
    text-anchor letter-spacing word-spacing dominant-baseline baseline-shift";
/// The functions that a value may call; `url` leads to a part of the same image.
pub const FUNCTIONS: &str = "rgb rgba hsl hsla url matrix translate scale rotate skewx skewy icc-color";

/// True if a list has this name.
pub fn has(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == name)
}
