--- Exactly once: a writer numbers its batches, and the outcomes of its last four are kept in a ring. None runs further
-- ahead of one under way: src/redis/writer.ts sees to it.
local KEEP_MS = 3600000

--- Lets the next batch in. @return a tag and its detail if this is not the one
local function admit(writer, batch, acknowledged)
  local key = keyOfWriter(writer)
  local newestBatch = tonumber(redis.call('HGET', key, 'newest') or 0)
  if batch <= newestBatch then
    local kept = batch > newestBatch - 4 and redis.call('HGET', key, batch % 4)
    if not kept then error('batch ' .. batch .. ' is older than the outcomes that are kept') end
    redis.call('PEXPIRE', key, KEEP_MS)
    return 'AGAIN', kept
  end
  if newestBatch < acknowledged then return 'REWOUND', newestBatch end
  if batch > newestBatch + 1 then return 'EARLY', newestBatch end
  return nil
end

--- @param isRenewal  '1' if the time for which they are kept is to begin anew
local function keepOutcomes(writer, batch, isRenewal, lines)
  local key = keyOfWriter(writer)
  redis.call('HSET', key, 'newest', batch, batch % 4, lines)
  if isRenewal == '1' then redis.call('PEXPIRE', key, KEEP_MS) end
end
