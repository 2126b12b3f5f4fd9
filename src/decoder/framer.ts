/** Cuts a stream of bytes into pictures of `size` bytes, each in a buffer of its own that its receiver may keep. */
export async function* cutFrames(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer, number> {
  let frame = Buffer.allocUnsafeSlow(size);
  let have = 0;
  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length; ) {
      const copied = chunk.copy(frame, have, taken, taken + size - have);
      taken += copied;
      have += copied;
      if (have < size) continue;
      yield frame;
      frame = Buffer.allocUnsafeSlow(size);
      have = 0;
    }
  }
  return have;
}
