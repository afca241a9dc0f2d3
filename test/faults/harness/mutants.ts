/** A defect that a scenario must notice. */
export interface Mutant extends Edit {
  /** What is wrong with the package. */
  name: string
  /** A second change, where the store makes good what the first one spoils. */
  and?: Edit
}

/** A change of one file. */
export interface Edit {
  /** In the built package: lua/… as it stands here, dist/… as tsc writes it from src/…. */
  file: string
  /** Stands there exactly once. */
  text: string
  inItsPlace: string
}

/** All of them; mutants.test.ts holds them to the sources. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a batch that comes again is applied again',
    file: 'lua/lib/writer.lua',
    text: 'if batch <= newestBatch then',
    inItsPlace: 'if false then',
  },
  {
    name: 'a batch is sent again under a new number',
    file: 'dist/redis/link.js',
    text: 'return (redis) => {',
    // An id like a writer's, kept as long as one.
    inItsPlace: `return (redis) => {
            const id = Math.random().toString(36).slice(2, 14).padEnd(12, '0');
            if (name === 'apply' || name === 'change') args = [args[0], id, 1, 0, 1, '', '1', ...args.slice(7)];`,
  },
  {
    name: 'scripts run on a slot that is on the move',
    file: 'dist/redis/link.js',
    text: 'absentBeside(keyMeta), args',
    inItsPlace: 'keyMeta, args',
  },
  {
    name: 'WAIT on another connection is believed',
    file: 'dist/redis/durability.js',
    text: 'before !== null && before === after && socket === socketOf(redis)',
    inItsPlace: 'true',
  },
  {
    name: 'success does not wait for replicas',
    file: 'dist/redis/durability.js',
    text: 'redis.wait(replicas, timeoutMs).catch(() => null)',
    inItsPlace: 'redis.ping().then(() => replicas)',
  },
  {
    name: 'a transaction that comes back in part is not noticed',
    file: 'lua/lib/torn.lua',
    text: 'return length ~=',
    inItsPlace: 'return false and length ~=',
  },
  {
    name: "a cursor's own entry is not looked up",
    file: 'lua/scan.lua',
    text: 'if not entry or tonumber(entry[2][2]) ~= sequence then',
    inItsPlace: 'if false then',
  },
  {
    name: "a cursor's epoch is not compared",
    file: 'dist/core/cursor.js',
    text: 'if (position.epoch !== epoch)',
    inItsPlace: 'if (false)',
  },
  {
    name: 'ids that differ in case share a hash',
    file: 'lua/lib/keys.lua',
    text: `return keyBase .. 'job:' .. id`,
    inItsPlace: `return keyBase .. 'job:' .. string.lower(id)`,
  },
  {
    name: 'a status may run into the id of a user',
    file: 'lua/lib/keys.lua',
    text: `'user-status:' .. #status .. ':' .. status`,
    inItsPlace: `'user-status:' .. status`,
  },
  {
    name: 'what is no msgpack ends as an error of the decoder',
    file: 'dist/codec.js',
    text: `throw unreadable('no msgpack', error)`,
    inItsPlace: 'throw error',
    and: {
      file: 'dist/redis/job-hash.js',
      text: 'throw ProjectionLostError.of(`The hash of job',
      inItsPlace: 'throw error ?? ProjectionLostError.of(`The hash of job',
    },
  },
  {
    name: 'the numbers of events are not looked at',
    file: 'dist/feed/feed-run.js',
    text: 'if (event.position.sequence !== (this.#positions[partition]?.sequence ?? 0) + 1)',
    inItsPlace: 'if (false)',
  },
  {
    name: 'where the log begins is not looked at',
    file: 'lua/scan.lua',
    text: 'if sequence < tonumber(meta[2]) then',
    inItsPlace: 'if false then',
  },
  {
    name: 'the buffer of a reader has no end',
    file: 'dist/feed/live-reader.js',
    text: 'if (this.#waiting.size >= this.#options.bufferSize)',
    inItsPlace: 'if (false)',
  },
  {
    name: 'the expiry queue is kept out of the AOF',
    file: 'lua/lib/indexes.lua',
    text: `redis.call('ZREM', keyExpiry, job.id)`,
    inItsPlace: `redis.set_repl(redis.REPL_NONE) redis.call('ZREM', keyExpiry, job.id) redis.set_repl(redis.REPL_ALL)`,
  },
  {
    name: 'a full server takes no deletes',
    file: 'dist/redis/scripts.js',
    text: `makeScript('apply', 'allow-oom', majorVersion)`,
    inItsPlace: `makeScript('apply', null, majorVersion)`,
  },
  {
    name: 'a full server sweeps nothing',
    file: 'dist/redis/scripts.js',
    text: `sweep: 'allow-oom'`,
    inItsPlace: 'sweep: null',
  },
  {
    name: 'a full server opens no store',
    file: 'dist/redis/scripts.js',
    text: `open: 'allow-oom'`,
    inItsPlace: 'open: null',
  },
  {
    name: 'a full server compacts nothing',
    file: 'dist/redis/scripts.js',
    text: `snapshot: 'allow-oom'`,
    inItsPlace: 'snapshot: null',
  },
  {
    name: 'the ACL user is not tried at the start',
    file: 'dist/redis/start-check.js',
    text: `if (permissions.verdict === 'fail')`,
    inItsPlace: 'if (false)',
  },
  {
    name: 'a count is not looked at before it is counted',
    file: 'lua/lib/guards.lua',
    text: 'if reply and not isSum(reply) then',
    inItsPlace: 'if false then',
  },
  {
    name: 'the places of a job are not looked at',
    file: 'lua/lib/guards.lua',
    text: `return type(reply) == 'table' and key .. ': ' .. reply.err`,
    inItsPlace: 'return nil',
  },
  {
    name: 'a command finds a job whose time has come',
    file: 'lua/lib/judge.lua',
    text: 'job.status and not job.isDue',
    inItsPlace: 'job.status',
  },
  {
    name: 'a job whose time has come is read',
    file: 'lua/read.lua',
    text: 'if not job[2] or isDue(job[2]) then',
    inItsPlace: 'if not job[2] then',
    and: {
      file: 'lua/read.lua',
      text: 'if not expiresAt or isDue(expiresAt) then',
      inItsPlace: 'if not expiresAt then',
    },
  },
  {
    name: 'the outcomes of batches are kept out of the AOF',
    file: 'lua/lib/writer.lua',
    text: `redis.call('HSET', key, 'newest', batch, batch % 4, lines)`,
    inItsPlace: `redis.set_repl(redis.REPL_NONE)
  redis.call('HSET', key, 'newest', batch, batch % 4, lines)
  redis.set_repl(redis.REPL_ALL)`,
  },
  {
    name: 'the log is ordered by the clock',
    file: 'lua/lib/append.lua',
    text: `redis.call('XADD', keyEvents, '*',`,
    inItsPlace: `redis.call('XADD', keyEvents, string.format('%.0f-%d', nowMs, sequence),`,
  },
  {
    name: 'a batch is no transaction in SQLite',
    file: 'dist/sqlite/sqlite-file.js',
    text: 'const result = transaction.immediate(',
    inItsPlace: 'const result = ((run) => run())(',
  },
  {
    name: 'a file that is busy is not tried again',
    file: 'dist/sqlite/sqlite-file.js',
    text: 'const mayRetry = isBusy(error) &&',
    inItsPlace: 'const mayRetry = false &&',
  },
  {
    name: 'the sweep ends what was renewed',
    file: 'lua/lib/indexes.lua',
    text: `if move.expiresMs ~= '' then`,
    inItsPlace: 'if false then',
    and: { file: 'lua/lib/sweep.lua', text: 'elseif not job.isDue then', inItsPlace: 'elseif false then' },
  },
  {
    name: 'a reader goes on from now, and looks at no numbers',
    file: 'dist/redis/follow/log-connection.js',
    text: 'const ids = positions.map(({ key }) => key);',
    inItsPlace: "const ids = positions.map(() => '$');",
    and: {
      file: 'dist/feed/feed-run.js',
      text: 'if (event.position.sequence !== (this.#positions[partition]?.sequence ?? 0) + 1)',
      inItsPlace: 'if (false)',
    },
  },
  {
    name: 'a call has no deadline',
    file: 'dist/redis/caller.js',
    text: 'Math.max(0, Math.ceil(deadline - performance.now()))',
    inItsPlace: '2147483647',
  },
  {
    name: 'what may have been applied is called rejected',
    file: 'dist/redis/caller.js',
    text: "if (kind === 'unknown')",
    inItsPlace: 'if (false)',
  },
  {
    name: 'lost batches are not noticed',
    file: 'lua/lib/writer.lua',
    text: 'if kept[2] or newestBatch < acknowledged then',
    inItsPlace: 'if false then',
  },
  {
    name: 'any version is the expected one',
    file: 'lua/lib/judge.lua',
    text: "if command.expected ~= '' and tonumber(command.expected) ~= version then",
    inItsPlace: 'if false then',
  },
  {
    name: 'close() waits for as long as it takes',
    file: 'dist/lifecycle.js',
    text: 'await within(drained, CLOSE_GRACE_MS);',
    inItsPlace: 'await drained;',
  },
  {
    name: 'a read is answered from memory',
    file: 'lua/read.lua',
    text: 'elseif job[1] == event then',
    inItsPlace: "elseif event ~= '' then",
  },
  {
    name: 'a refusal is called unknown',
    file: 'dist/redis/failures.js',
    text: "MISCONF: 'refused'",
    inItsPlace: "MISCONF: 'unknown'",
  },
  {
    name: 'a call whose connection is lost is not tried again',
    file: 'dist/redis/caller.js',
    text: 'if (error instanceof OutOfTime || performance.now() + RETRY_DELAY_MS >= deadline)',
    inItsPlace: 'if (true)',
  },
  {
    name: 'a failover is taken for a refusal',
    file: 'dist/redis/failures.js',
    text: "READONLY: 'later'",
    inItsPlace: "READONLY: 'refused'",
  },
  {
    name: 'a script that Redis has forgotten is not sent again',
    file: 'dist/redis/link.js',
    text: 'return methods[`${script.command}Buffer`]?.call(redis, keyMeta, absentBeside(keyMeta), args);',
    inItsPlace: `const sha = script.command.split(':')[2];
            this.sent ??= new Set();
            if (this.sent.has(sha)) return redis.callBuffer('EVALSHA', sha, 2, keyMeta, absentBeside(keyMeta), ...args);
            this.sent.add(sha);
            return methods[script.command + 'Buffer'](keyMeta, absentBeside(keyMeta), args);`,
  },
  {
    name: 'a rebuild leaves the counts as they are',
    file: 'dist/projector/rebuild.js',
    text: 'await this.#backend.amendCounts(partition, byStatus, byUser);',
    inItsPlace: '{}',
  },
  {
    name: 'a lost state is taken for an empty store',
    file: 'lua/open.lua',
    text: `if meta[4] or redis.call('XLEN', keyEvents) > 0 then`,
    inItsPlace: 'if false then',
    // Which would find events that meta does not know of, and rebuild.
    and: { file: 'lua/lib/torn.lua', text: 'return length ~=', inItsPlace: 'return false and length ~=' },
  },
  {
    name: 'the format of a store is not compared',
    file: 'lua/lib/store.lua',
    text: 'if meta[1] ~= format then',
    inItsPlace: 'if false then',
    and: { file: 'lua/open.lua', text: 'if meta[1] ~= ARGV[1] then', inItsPlace: 'if false then' },
  },
  {
    name: 'the size of an event is not looked at',
    file: 'dist/store.js',
    text: 'if (bytes > this.#settings.maxEventBytes)',
    inItsPlace: 'if (false)',
  },
  {
    name: 'a sweep takes all that is due',
    file: 'lua/lib/sweep.lua',
    text: 'local function sweepDue(limit)',
    inItsPlace: 'local function sweepDue(limit) limit = 1000000',
  },
  {
    name: 'a call takes all that waits',
    file: 'dist/redis/redis-backend.js',
    text: 'maxItems: 128, maxBytes: 262_144',
    inItsPlace: 'maxItems: 1_000_000, maxBytes: 1_000_000_000',
  },
]
