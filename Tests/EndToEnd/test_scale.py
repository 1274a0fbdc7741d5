"""The fleet grows and shrinks while people talk."""

import threading

from fleet import Fleet
from room import NUMBER, all_hear_each_other, settled_with_legs
from wait import throughout


def test_a_third_node_joins_a_conference_that_is_on_and_is_drained_before_it_goes(fleet: Fleet, phones) -> None:
    anna, bert, carl = phones(3)
    early = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast2", bert, NUMBER)]
    all_hear_each_other(early)

    fleet.scale(3)
    late = fleet.call_on("ast3", carl, NUMBER)
    all_hear_each_other([*early, late])
    settled_with_legs(fleet, ["ast2", "ast3"])

    shrinking = threading.Thread(target=lambda: fleet.run("scale", "2", timeout=90))
    shrinking.start()
    fleet.turned("ast3", "draining")
    fleet.avoids("ast3", anna)
    newcomers = [anna.call("9999").hang_up() for _ in range(4)]
    assert {fleet.node_of(call) for call in newcomers} <= {"ast1", "ast2"}, "a draining node takes no call"
    throughout(lambda: late.is_up and late.hears(anna.hertz), 2, "the call on the draining node")

    late.hang_up()
    fleet.settled(2, timeout=30)
    shrinking.join(30)
    all_hear_each_other(early)
    settled_with_legs(fleet, ["ast2"])
