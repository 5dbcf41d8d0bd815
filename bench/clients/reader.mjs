// Reading so many bytes of a stream, for those who wait for records.

/** `read(least, most)` waits for at least `least` bytes and gives at most `most` of what is there. */
export function reader(stream) {
  let wake = () => {};
  // One listener for all reads: a new one is called at once where something is buffered.
  stream.on('readable', () => {
    wake();
  });
  return async (least, most = least) => {
    for (;;) {
      const bytes = stream.read(Math.min(most, Math.max(least, stream.readableLength)));
      if (bytes !== null) return bytes;
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  };
}
