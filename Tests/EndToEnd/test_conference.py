"""7001 is one room across the nodes."""

from fleet import Fleet
from room import JOINED, NUMBER, all_hear_each_other, legs, report, seconds_to_hear, settled_with_legs
from wait import until


def test_phones_on_different_nodes_hear_each_other_and_not_themselves(fleet: Fleet, phones) -> None:
    anna, bert = phones(2)
    first = fleet.call_on("ast1", anna, NUMBER)
    second = fleet.call_on("ast2", bert, NUMBER)
    assert seconds_to_hear(second, first) < JOINED
    assert seconds_to_hear(first, second) < JOINED
    all_hear_each_other([first, second])

    settled_with_legs(fleet, ["ast2"])
    room = report(fleet)
    assert room["home"] == "ast1", "the home is where the room's first caller is"
    assert sorted(channel["node"] for channel in room["channels"]) == ["ast1", "ast2"]
    assert len(fleet.calls()) == 2, "legs are no calls"


def test_phones_on_one_node_need_no_leg(fleet: Fleet, phones) -> None:
    calls = [fleet.call_on("ast2", phone, NUMBER) for phone in phones(2)]
    all_hear_each_other(calls)
    assert legs(fleet) == []
    assert report(fleet)["home"] == "ast2"


def test_a_leg_goes_with_the_last_caller_of_its_node(fleet: Fleet, phones) -> None:
    anna, bert, carl, dora = phones(4)
    home = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast1", bert, NUMBER)]
    away = [fleet.call_on("ast2", carl, NUMBER), fleet.call_on("ast2", dora, NUMBER)]
    all_hear_each_other(home + away)
    settled_with_legs(fleet, ["ast2"])

    away[0].hang_up()
    all_hear_each_other([*home, away[1]])
    assert legs(fleet) == ["ast2"], "one leg serves the whole node for as long as anybody is there"

    away[1].hang_up()
    settled_with_legs(fleet, [])
    until(lambda: fleet.node_ari("ast2", "channels") == [], 5, "ast2 to be empty")
    all_hear_each_other(home)


def test_nothing_is_left_on_any_node_when_all_have_gone(fleet: Fleet, phones) -> None:
    calls = [fleet.call_on(f"ast{index % 2 + 1}", phone, NUMBER) for index, phone in enumerate(phones(4))]
    all_hear_each_other(calls)
    for call in calls:
        call.hang_up()
    fleet.empty()
    assert fleet.bridges() == [] or report(fleet) is None
    assert fleet.calls() == []


def test_the_room_works_again_after_it_was_empty(fleet: Fleet, phones) -> None:
    for _ in range(2):
        calls = [fleet.call_on("ast2", phones(1)[0], NUMBER), fleet.call_on("ast1", phones(1)[0], NUMBER)]
        all_hear_each_other(calls)
        settled_with_legs(fleet, ["ast1"])
        for call in calls:
            call.hang_up()
        fleet.empty()
