// Preloaded into a process and its threads: every connection is refused, wherever it was to go.

import { Socket } from 'node:net';

const connect: (this: Socket, to: { host: string; port: number }) => Socket = Socket.prototype.connect;

Socket.prototype.connect = function refused(this: Socket): Socket {
  return connect.call(this, { host: '127.0.0.1', port: 1 });
};
