// Loaded into the engine process of a test with `--import`: answers every connection with what is left after a collection.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

const server = createServer(async (socket) => {
  // What a finalizer lets go of falls only in the next collection, and finalizers run between turns.
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc();
    await nextTurn();
  }
  const { heapUsed, rss } = process.memoryUsage();
  socket.end(JSON.stringify({ heapUsed, rss }));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
server.unref();
writeFileSync(process.env.HEAP_PROBE_PORT, String(server.address().port));
