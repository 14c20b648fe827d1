"""Elements of SVG and HTML; text and attributes are escaped when they are written."""

from xml.etree.ElementTree import Element


def element(tag: str, *inside: Element | str, **attributes: object) -> Element:
    """An element with its texts and elements in order.

    Args:
        tag: its name.
        inside: texts and elements; text is escaped when the tree is written.
        attributes: `class_` stands for class, `aria_label` for aria-label, and so on.
    """
    made = Element(tag, {_name(key): _value(value) for key, value in attributes.items()})
    for each in inside:
        if isinstance(each, Element):
            made.append(each)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + each
        else:
            made.text = (made.text or "") + each
    return made


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
