#!/usr/bin/env python3
"""The demo application: whoever dials 6001 is answered and put into one room, on whichever node the call is.

    python main.py [--era P|N] [--host localhost] [--application test] [--node bigone]

It registers an application with applicationd, takes a token from auth, listens to websocketd, and for each call that
enters the application asks applicationd to answer it and to put it into a node, which is applicationd's word for a
bridge. The eras are those of Wazo's client libraries; see wazo_clients.py.
"""

import argparse
import signal
import sys

from wazo_clients import ApplicationdClient, AuthClient, WebsocketdClient


class Demo:
    """One application and the node that its calls meet in."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        auth = AuthClient(
            options.host, options.era, port=options.auth_port, prefix=options.auth_prefix, username=options.username,
            password=options.password,
        )
        self.token = auth.new_token("wazo_user", expiration=3600, session_type="mobile")["token"]
        applicationd = f"http://{options.host}:{options.applicationd_port}{options.applicationd_prefix}"
        self.applicationd = ApplicationdClient(applicationd, self.token if options.send_token else None)
        self.application = self.applicationd.register_application(options.application)["uuid"]
        say(f"registered {options.application} as {self.application}")
        self.events = WebsocketdClient(
            options.host, self.token, options.era, port=options.websocketd_port, prefix=options.websocketd_prefix,
            wss=not options.plain,
        )
        self.events.on("user_outgoing_call_created", self.call_created)
        self.events.on_start = lambda: say("listening")

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.events.close())
        say(f"opening {self.events.url}")
        self.events.run()
        say(f"the socket is closed ({self.events.close_code})")

    def call_created(self, data: dict) -> None:
        """A call has entered the application. Both eras find `call` and `application_uuid` at the top."""
        application, call = data["application_uuid"], data["call"]["id"]
        say(f"call {call} from {data['call'].get('caller_id_number', '')}")
        try:
            self.applicationd.call_answer(application, call)
            node = self.applicationd.create_node_with_calls(application, self.options.node, [call])
        except RuntimeError as error:  # it may have hung up meanwhile, which is no reason to stop
            say(f"call {call}: {error}")
            return
        say(f"call {call} is in node {node['uuid']}: success !!!")


def say(text: str) -> None:
    print(text, flush=True)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--era", choices=("P", "N"), default="N", help="whose clients' wire: 2020's or today's")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--username", default="admin")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--application", default="test", help="name to register")
    parser.add_argument("--node", default="bigone", help="name of the node that calls meet in")
    parser.add_argument("--auth-port", type=int, default=9497)
    parser.add_argument("--auth-prefix", help="path before /0.1 (default: /api/auth in era N, else none)")
    parser.add_argument("--applicationd-port", type=int, default=8000)
    parser.add_argument("--applicationd-prefix", default="", help="such as /api/applicationd behind nginx")
    parser.add_argument("--websocketd-port", type=int, default=9502)
    parser.add_argument("--websocketd-prefix", default="/api/websocketd")
    parser.add_argument("--plain", action="store_true", help="ws:// in place of wss://")
    parser.add_argument("--no-token", dest="send_token", action="store_false", help="show applicationd no token")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        Demo(options()).run()
    except (RuntimeError, OSError) as error:
        sys.exit(f"{error}")
