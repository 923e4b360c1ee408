/** Characters at the beginning in which a file says what it is. */
const head = 4_096;

/** Whether a file is an OpenDocument that is one XML file, and no archive of several. */
export function isFlatOpenDocument(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, head)).toString('latin1');
  return /^[^<]{0,4}</.test(start) && /<(\w+:)?document\s[^>]*urn:oasis:names:tc:opendocument/.test(start);
}
