/** What is taken out of any text, with what stands in its place. */
const rules: readonly (readonly [RegExp, string])[] = [
  // AWS Signature Version 4 in a query string: with the signature the URL is a key to the file, without it it is not.
  [/\b(x-amz-(?:signature|credential|security-token))=[^&\s"'<>]*/gi, '$1=[redacted]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  // A JSON Web Token without its scheme: header and payload are JSON objects, whose base64url begins with eyJ.
  [/\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g, '[redacted]'],
  // Credentials inside a URL, such as a connection string in a driver's message.
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:"']*:[^\s/@"']*@/gi, '$1[redacted]@'],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+/gi, '[redacted]'],
];

/** The longest text that a log field holds, in UTF-16 code units. */
const maximumLength = 8192;

/** The text without bearer tokens, signatures, credentials in URLs and email addresses; long text is cut. */
export function scrub(text: string): string {
  let clean = text.length > maximumLength ? `${text.slice(0, maximumLength)}… [cut]` : text;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  return clean;
}
