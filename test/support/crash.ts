// Loaded first by a server of a test: it ends the way an error of its own would end it, with a text from a variable.
process.on('SIGUSR2', () => {
  throw new Error(`cannot go on with ${process.env['TEST_CRASH_TEXT']}`);
});
