"""aiohttp, 50 connections: what a script of today would be. aiohttp_client.py URL CA_FILE REQUESTS"""

import asyncio
import ssl
import sys

import aiohttp


async def main(url, ca_file, requests):
    trust = ssl.create_default_context(cafile=ca_file)
    numbers = iter(range(requests))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50, ssl=trust)) as session:
        async def work():
            for number in numbers:
                async with session.post(f"{url}{number:032x}", headers={"X-Authorization": "0" * 32}) as answer:
                    await answer.read()

        await asyncio.gather(*(work() for _ in range(50)))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
