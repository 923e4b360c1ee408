// The SDK's own server with one tool, behind Node's HTTP server: what an answer costs at least. It answers requests of 2026,
// each of which gets a server of its own, and those of 2025 without a session. It prints its address, and on /delay the
// event loop's delay since it was last asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

process.once('SIGINT', () => process.exit(0));
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

const handle = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: 'echo', version: '1.0.0' });
    server.registerTool(
      'echo',
      { description: 'Answers what it is given.', inputSchema: z.object({ text: z.string() }) },
      ({ text }) => ({ content: [{ type: 'text', text }] }),
    );
    return server;
  }),
);

const server = createServer((request, response) => {
  if (request.url === '/delay') {
    response.end(JSON.stringify({ p99Ms: delay.percentile(99) / 1e6 }));
    delay.reset();
  } else void handle(request as NodeIncomingMessageLike, response);
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`),
);
