"use strict";
// Bytes as `Buffers` packs them.
async function unpack(buffer) {
  const packed = Uint8Array.from(atob(buffer.bytes), (c) => c.charCodeAt(0));
  if (!buffer.size) return new Uint8Array(0);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const turned = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = buffer.size / buffer.wide, plain = new Uint8Array(buffer.size);
  for (let b = 0; b < buffer.wide; b++)
    for (let i = 0; i < count; i++) plain[i * buffer.wide + b] = turned[b * count + i];
  return plain;
}
