"""7001 is one room across the nodes."""

from fleet import Fleet
from room import JOINED, NUMBER, all_hear_each_other, legs, report, seconds_to_hear, settled_with_legs
from wait import throughout, until


def nodes_of(channels: list[dict]) -> list[str]:
    return sorted(channel["node"] for channel in channels)


def test_phones_on_different_nodes_hear_each_other_and_not_themselves(fleet: Fleet, phones) -> None:
    anna, bert = phones(2)
    first = fleet.call_on("ast1", anna, NUMBER)
    second = fleet.call_on("ast2", bert, NUMBER)
    assert seconds_to_hear(second, first) < JOINED
    assert seconds_to_hear(first, second) < JOINED
    all_hear_each_other([first, second])

    # The home is where the room's first caller is.
    settled_with_legs(fleet, ["ast2"], home="ast1")
    until(lambda: nodes_of(report(fleet)["channels"]) == ["ast1", "ast2"], 5, "both callers in the room")
    until(lambda: nodes_of(fleet.calls()) == ["ast1", "ast2"], 5, "two calls in the list; legs are none")


def test_phones_on_one_node_need_no_leg(fleet: Fleet, phones) -> None:
    calls = [fleet.call_on("ast2", phone, NUMBER) for phone in phones(2)]
    all_hear_each_other(calls)
    settled_with_legs(fleet, [], home="ast2")


def test_a_leg_goes_with_the_last_caller_of_its_node(fleet: Fleet, phones) -> None:
    anna, bert, carl, dora = phones(4)
    home = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast1", bert, NUMBER)]
    away = [fleet.call_on("ast2", carl, NUMBER), fleet.call_on("ast2", dora, NUMBER)]
    all_hear_each_other(home + away)
    settled_with_legs(fleet, ["ast2"])

    away[0].hang_up()
    all_hear_each_other([*home, away[1]])
    settled_with_legs(fleet, ["ast2"])
    throughout(lambda: legs(fleet) == ["ast2"], 1, "one leg for the whole node for as long as anybody is there")

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
    until(lambda: report(fleet) is None, 5, "nobody in the room")
    until(lambda: fleet.calls() == [], 5, "no call in the list")


def test_the_room_works_again_after_it_was_empty(fleet: Fleet, phones) -> None:
    for _ in range(2):
        calls = [fleet.call_on("ast2", phones(1)[0], NUMBER), fleet.call_on("ast1", phones(1)[0], NUMBER)]
        all_hear_each_other(calls)
        settled_with_legs(fleet, ["ast1"])
        for call in calls:
            call.hang_up()
        fleet.empty()
