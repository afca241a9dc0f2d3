import { textOf } from './jobs.ts'

/** Objects inside one another, `levels` of them. */
export function nested(levels: number): unknown {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { in: value } : [value]
  return value
}

/** What can be stored, by name. Each stands at most three levels deep in the tests. */
export const STORABLE: readonly [name: string, value: unknown][] = [
  ['null', null],
  ['booleans', [true, false]],
  [
    'whole numbers',
    [0, 1, -1, 127, 128, -32, -33, 255, 256, 65_535, 65_536, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1],
  ],
  ['unsafe numbers', [2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64, 1e21, 1e308, -1e308]],
  ['fractions', [0.1, -0.5, 1 / 3, Math.PI, 1e-7, Number.MIN_VALUE, Number.MAX_VALUE, 16_777_217.5]],
  ['numbers that are none', [Number.NaN, Infinity, -Infinity]],
  ['bigints', [0n, 1n, -1n, 5n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n]],
  [
    'texts',
    ['', 'a', 'é', '日本語', '😀', 'e\u0301', '\u0000', 'a\r\nb', '\u2028', '"\\', '\ufeff', '\uffff', '{"a":1}'],
  ],
  [
    'texts that look like something else',
    ['null', '1', 'true', '2024-01-01T00:00:00.000Z', 'undefined', '[object Object]'],
  ],
  ['long texts', [textOf(300), textOf(300, 'é'), textOf(300, '😀'), textOf(70_000)]],
  ['dates', [0, 1, -1, 999, 1000, -1000, -1001, 4_294_967_295_000, 4_294_967_295_999].map((ms) => new Date(ms))],
  [
    'dates at the ends of time',
    [8.64e15, -8.64e15, 17_179_869_183_999, 17_179_869_184_000, 1e14 + 7].map((ms) => new Date(ms)),
  ],
  [
    'buffers',
    [Buffer.alloc(0), Buffer.from([0, 255, 128]), Buffer.from('text'), Buffer.alloc(300, 9), Buffer.alloc(70_000)],
  ],
  ['empty objects and arrays', [{}, [], [[]], [{}], { a: {} }, { a: [] }]],
  [
    'arrays of all sorts',
    [[1, 'a', null, true, new Date(5), Buffer.from([1]), 5n, { a: [1] }], Array.from({ length: 300 }, (_, i) => i)],
  ],
  ['objects with numbers as names', { 0: 'a', 1: 'b', '-1': 'c', '01': 'd', '1.5': 'e' }],
  ['objects with strange names', Object.fromEntries(strangeNames().map((name, index) => [name, index]))],
  [
    'an object that poses as another type',
    [{ constructor: 'x' }, { constructor: null, toJSON: 'y' }, { length: 3, 0: 1 }, { type: 'Buffer', data: [1] }],
  ],
  [
    'an object with the names of methods',
    { call: 'x', toString: 1, valueOf: null, hasOwnProperty: [], toJSON: { deep: true } },
  ],
  ['deep nesting', nested(90)],
]

class Point {
  readonly x = 1
}

/** What can't be: a maker for each, since some are spent by use; and where in the value the error points. */
export const REFUSED: readonly [name: string, make: () => unknown, path: string][] = [
  ['a function', () => (): void => {}, ''],
  ['a class', () => Point, ''],
  ['a symbol', () => Symbol('x'), ''],
  ['a function inside', () => ({ a: [1, { b: (): void => {} }] }), '.a[1].b'],
  ['undefined inside an object', () => ({ a: { b: undefined } }), '.a.b'],
  ['undefined inside an array', () => [1, undefined], '[1]'],
  ['a hole in an array', () => Array(2), '[0]'],
  ['a hole in an array that has a name', () => Object.assign(Array(1), { note: 1 }), '[0]'],
  ['a match, which has names beside its items', () => 'abc'.match(/b/), '.index'],
  ['a name beside the items of an array', () => ({ a: [Object.assign([1, 2.5, 'x'], { note: null })] }), '.a[0].note'],
  ['a name beside no items at all', () => Object.assign([], { '-1': 0 }), '.-1'],
  ['a symbol as a name in an array', () => ({ a: Object.assign([1], { [Symbol('x')]: 1 }) }), '.a'],
  ['a symbol as a name', () => ({ a: { [Symbol('x')]: 1 } }), '.a'],
  ['an instance of a class', () => ({ a: new Point() }), '.a'],
  ['a Map', () => new Map([['a', 1]]), ''],
  ['a Set', () => ({ tags: new Set(['a']) }), '.tags'],
  ['a RegExp', () => /x/, ''],
  ['an Error', () => new Error('x'), ''],
  ['a Promise', () => Promise.resolve(1), ''],
  ['a URL', () => new URL('https://example.com'), ''],
  ['a boxed text', () => new String('x'), ''],
  ['a Uint8Array', () => new Uint8Array(3), ''],
  ['an ArrayBuffer', () => new ArrayBuffer(3), ''],
  ['an invalid Date', () => ({ at: new Date(Number.NaN) }), '.at'],
  ['a lone surrogate', () => ['fine', 'not \ud800 fine'], '[1]'],
  ['a lone surrogate at the end', () => 'x\udfff', ''],
  ['a name with a lone surrogate', () => ({ '\ud800': 1 }), '.\ud800'],
  ['__proto__ from JSON', () => JSON.parse('{"a": {"__proto__": {"polluted": true}}}') as unknown, '.a.__proto__'],
  ['a bigint of more than 64 bits', () => 2n ** 64n, ''],
  ['a negative bigint of more than 64 bits', () => [-(2n ** 63n) - 1n], '[0]'],
]

/** Names that a backend might take for its own, or for a part of the language. */
function strangeNames(): string[] {
  const internals = [
    'version',
    'event',
    'events',
    'data',
    'n',
    'v',
    'type',
    'job',
    'jobId',
    'lastEventId',
    'previous',
    'at',
  ]
  const marked = [
    '@version',
    '@event',
    '@',
    '$',
    '_',
    '#',
    '',
    ' ',
    ':',
    '.',
    'a.b',
    'a:b',
    '[0]',
    '*',
    '%',
    '{x}',
    '"',
    "'",
    '\\',
  ]
  const language = [
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'then',
    'toJSON',
    'length',
    '__defineGetter__',
  ]
  const others = [
    '0',
    '-1',
    '1e3',
    'null',
    'undefined',
    'ID',
    'Id',
    'user_id',
    'é',
    'e\u0301',
    '😀',
    '\u0000',
    '\r\n',
    'x'.repeat(300),
  ]
  return [...internals, ...marked, ...language, ...others]
}

export const STRANGE_NAMES: readonly string[] = strangeNames()
