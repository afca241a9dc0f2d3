/** What texts of users have broken elsewhere: key syntax, protocols, globs, prototypes, Lua, terminals, look-alikes. */
const PARTS = [
  '{',
  '}',
  '{jobs:0}',
  ':',
  'user:',
  'job:',
  '\r\n',
  '$4\r\n',
  '\0',
  '*',
  '?',
  '[a-z]',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  "']] redis.call('FLUSHALL') --[[",
  '\\',
  '"',
  "'",
  '\u001b[2J',
  '\u202e',
  'é',
  'e\u0301',
  'İ',
  'ı',
  'K',
  'k',
  '🙂',
  ' ',
  '\t',
  '%00',
  '../',
  '0',
  '-1',
  '1e3',
  'NaN',
  'null',
  'undefined',
  'true',
  'A',
  'a',
  '\u007f',
  '\u00a0',
]

/** A text of 1 to 512 bytes of such parts. */
export function hostileText(random: () => number): string {
  let text = ''
  for (let left = 1 + Math.floor(random() * 8); left > 0; left--) text += PARTS[Math.floor(random() * PARTS.length)]
  while (random() < 0.05 && Buffer.byteLength(text) * 2 <= 512) text += text
  return text
}
