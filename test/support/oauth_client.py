# The SDK for Python with nothing but the address of a server: it logs in where the refusal sends it, and lists the tools.
# The person before it consents to everything: her browser follows what it is sent to.
import asyncio
import sys
from urllib.parse import parse_qs, urlparse

import httpx
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientMetadata

CALLBACK = "http://127.0.0.1:1/callback"


class Memory(TokenStorage):
    def __init__(self):
        self.tokens = None
        self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Person:
    def __init__(self):
        self.came_back_with = {}

    async def visit(self, address):
        async with httpx.AsyncClient() as browser:
            for _ in range(20):
                answer = await browser.get(address, follow_redirects=False)
                address = str(answer.url.join(answer.headers["location"]))
                if address.startswith(CALLBACK):
                    self.came_back_with = parse_qs(urlparse(address).query)
                    return
        raise RuntimeError("sent from place to place")

    async def answer(self):
        [code], [state] = self.came_back_with["code"], self.came_back_with["state"]
        return code, state


async def main(url):
    person = Person()
    metadata = OAuthClientMetadata(
        client_name="python",
        redirect_uris=[CALLBACK],
        token_endpoint_auth_method="none",
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
    )
    auth = OAuthClientProvider(url, metadata, Memory(), person.visit, person.answer)
    async with streamablehttp_client(url, auth=auth) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            for tool in (await session.list_tools()).tools:
                print(tool.name)


asyncio.run(main(sys.argv[1]))
