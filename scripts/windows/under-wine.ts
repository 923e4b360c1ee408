import { Socket } from 'node:net';

// Loaded first by every Node under Wine (NODE_OPTIONS): what Wine 8 lacks and Windows has, and where temporary files go.

// Wine has no keep-alive times (TCP_KEEPIDLE). `fetch` sets them before its socket connects, which then fails with UNKNOWN.
Socket.prototype.setKeepAlive = function setKeepAlive() {
  return this;
};

// Wine passes on every variable but these two.
const temporary = process.env['TEST_TEMP'];
if (temporary !== undefined) {
  process.env['TEMP'] = temporary;
  process.env['TMP'] = temporary;
}
