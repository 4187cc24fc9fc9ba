"""An LwM2M device on aiocoap, over one TCP connection that it opens itself.

It registers, serves what it is asked on the same connection, and obeys lines on its input:

    set 23.5     changes its temperature and notifies whoever observes it
    update       sends an Update
    stop         signs off and ends

It prints one line for everything it did: "registered LOCATION", "updated CODE", "set VALUE", "stopped".
"""

import argparse
import asyncio
import sys

import aiocoap
from aiocoap import resource
from aiocoap.numbers.codes import Code

TEXT = 0
LINK = 40


class Fixed(resource.Resource):
    """A text that does not change."""

    def __init__(self, text):
        super().__init__()
        self.text = text

    async def render_get(self, request):
        return aiocoap.Message(payload=self.text.encode(), content_format=TEXT)


class Temperature(resource.ObservableResource):
    """A number that its observers are told of."""

    def __init__(self):
        super().__init__()
        self.value = 21.5

    def set(self, value):
        self.value = value
        self.updated_state()

    async def render_get(self, request):
        return aiocoap.Message(payload=str(self.value).encode(), content_format=TEXT)


class Large(resource.Resource):
    """A text that takes several blocks."""

    async def render_get(self, request):
        return aiocoap.Message(payload=b"0123456789abcdef" * 512, content_format=TEXT)


async def lines():
    """What is typed, line by line, until the end of the input."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode().split()


def say(*words):
    print(*words, flush=True)


async def main(endpoint, server):
    site = resource.Site()
    temperature = Temperature()
    site.add_resource(["3", "0", "0"], Fixed("aiocoap"))
    site.add_resource(["3", "0", "1"], Large())
    site.add_resource(["3303", "0", "5700"], temperature)
    context = await aiocoap.Context.create_client_context(transports=["tcpclient"])
    context.serversite = site

    async def ask(code, path, **more):
        request = aiocoap.Message(code=code, uri=server + path, **more)
        return await context.request(request).response

    answer = await ask(
        Code.POST,
        f"/rd?ep={endpoint}&lt=300&lwm2m=1.1&b=T",
        payload=b"</1/0>,</3/0>,</3303/0>",
        content_format=LINK,
    )
    if answer.code != Code.CREATED:
        say("refused", answer.code.dotted, answer.payload.decode())
        return 1
    location = "/" + "/".join(answer.opt.location_path)
    say("registered", location)
    async for words in lines():
        match words:
            case ["set", value]:
                temperature.set(float(value))
                say("set", value)
            case ["update"]:
                answer = await ask(Code.POST, location)
                say("updated", answer.code.dotted)
            case ["stop"]:
                await ask(Code.DELETE, location)
                break
    say("stopped")
    await context.shutdown()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--server", required=True, help="such as coap+tcp://127.0.0.1:5683")
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.endpoint, arguments.server)))
