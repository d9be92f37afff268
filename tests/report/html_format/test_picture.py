"""The pictures: what is drawn of an environment and of a path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fintech_infra.report import Report
from fintech_infra.report.html_format.context import Context
from fintech_infra.report.html_format.path_diagram import WIDTH, drawn
from fintech_infra.report.html_format.picture import BOX_HEIGHT, BOX_WIDTH, picture

Make = Callable[..., Any]


def _component(resource: Make, name: str, *uses: Any) -> list[Any]:
    """A component with one resource in it, which is made of outputs of what is in others."""
    group = resource(f"acme:index:{name.title()}", name, custom=False)
    inside = resource(
        "aws:s3/bucket:Bucket",
        f"{name}-bucket",
        parent=group.urn,
        property_dependencies={"name": tuple(item[1].urn for item in uses)},
    )
    return [group, inside]


def test_an_arrow_leads_from_a_component_to_what_it_uses(
    report: Callable[..., Report], resource: Make
) -> None:
    key = _component(resource, "key")
    store = _component(resource, "store", key)
    app = _component(resource, "app", store, key)

    drawing = picture(Context(report(*key, *store, *app)))

    assert [(box.label, box.uses, box.used_by) for box in drawing.boxes] == [
        ("Key key", (), ("Store store", "App app")),
        ("Store store", ("Key key",), ("App app",)),
        ("App app", ("Key key", "Store store"), ()),
    ]
    assert len(drawing.ways) == 2
    assert drawing.left_out == 1
    assert [box.x for box in drawing.boxes] == sorted(
        (box.x for box in drawing.boxes), reverse=True
    )


def test_boxes_lie_apart_and_inside_of_the_picture(
    report: Callable[..., Report], resource: Make
) -> None:
    made = [_component(resource, f"n{at}") for at in range(7)]
    joined = [_component(resource, "a", made[0]), _component(resource, "b", made[0], made[1])]

    drawing = picture(Context(report(*(item for pair in (*made, *joined) for item in pair))))

    corners = [(box.x, box.y) for box in drawing.boxes]
    for at, (x, y) in enumerate(corners):
        assert 0 <= x <= drawing.width - BOX_WIDTH
        assert 0 <= y <= drawing.height - BOX_HEIGHT
        assert all(
            abs(x - other) >= BOX_WIDTH or abs(y - below) >= BOX_HEIGHT
            for other, below in corners[:at]
        )


def test_loose_resources_share_a_box_for_each_service(
    report: Callable[..., Report], resource: Make
) -> None:
    loose = [
        resource("aws:s3/bucket:Bucket", "a"),
        resource("aws:s3/bucketPolicy:BucketPolicy", "a"),
        resource("aws:s3/bucket:Bucket", "b"),
        resource("aws:kms/key:Key", "k"),
    ]

    drawing = picture(Context(report(*loose)))

    assert [(box.label, box.note, box.kinds) for box in drawing.boxes] == [
        ("resources of s3", "3 resources", "2 Bucket, BucketPolicy"),
        ("resources of kms", "1 resource", "Key"),
    ]


def test_components_that_use_each_other_keep_both_arrows(
    report: Callable[..., Report], resource: Make
) -> None:
    one, two = _component(resource, "one"), _component(resource, "two")
    back = resource(
        "aws:sns/topic:Topic",
        "back",
        parent=one[0].urn,
        property_dependencies={"x": (two[1].urn,)},
    )
    forth = resource(
        "aws:sns/topic:Topic",
        "forth",
        parent=two[0].urn,
        property_dependencies={"x": (one[1].urn,)},
    )

    assert len(picture(Context(report(*one, *two, back, forth))).ways) == 2


def test_marks_are_those_of_all_below(full: Report) -> None:
    boxes = {box.label: box for box in picture(Context(full)).boxes}

    assert boxes["EncryptedDatabase ledger"].marks[0] == ("critical", 1)
    assert boxes["Cluster remote"].note == "not judged"


def test_a_path_goes_from_the_outside_to_what_was_found(full: Report) -> None:
    diagram = drawn(full.evaluation.findings[0].chain, Context(full))

    assert [[text.text for text in box.texts] for box in diagram.boxes] == [
        ["the internet"],
        ["lambda.Function", "settle"],
        ["rds.Instance", "ledger"],
    ]
    assert [arrow.certain for arrow in diagram.arrows] == [True, False]
    assert [text.text for text in diagram.arrows[1].texts] == [
        "reaches, not certain",
        "knows [secret]",
        "vpcSecurityGroupIds",
    ]
    for above, arrow, below in zip(diagram.boxes, diagram.arrows, diagram.boxes[1:], strict=False):
        assert above.y + above.height == arrow.top < arrow.bottom == below.y
    assert diagram.height > diagram.boxes[-1].y + diagram.boxes[-1].height
    assert diagram.width == WIDTH
