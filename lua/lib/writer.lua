--- @include taken-out
--- Exactly once: a writer numbers its batches, and the outcomes of its last four are kept in a ring. None runs further
-- ahead of one under way: src/redis/writer.ts sees to it.
local KEEP_MS = 3600000

--- Closes a series, whose writer begins another one: what of it is still on its way would come too late.
-- @return a tag and its detail: whether the server lost what it had acknowledged, or only that it had
local function closeSeries(key, newestBatch, event)
  redis.call('HSET', key, 'closed', 1)
  redis.call('PEXPIRE', key, KEEP_MS)
  if newestBatch or isTakenOut(event) then return 'REWOUND', newestBatch or 0 end
  return 'FORGOTTEN', 0
end

--- Lets the next batch in: the one after the newest; or a later one, if nobody waits for any in between.
-- @param least  the least number that its writer waits for
-- @param event  the newest one that its writer knows to be of this series
-- @return a tag and its detail if this is not the one
local function admit(writer, batch, acknowledged, least, event)
  local key = keyOfWriter(writer)
  local kept = redis.call('HMGET', key, 'newest', 'closed')
  local newestBatch = tonumber(kept[1] or 0)
  if batch <= newestBatch then
    local lines = batch > newestBatch - 4 and redis.call('HGET', key, batch % 4)
    if not lines then error('batch ' .. batch .. ' is older than the outcomes that are kept') end
    redis.call('PEXPIRE', key, KEEP_MS)
    return 'AGAIN', lines
  end
  if kept[2] or newestBatch < acknowledged then return closeSeries(key, kept[1], event) end
  if batch > newestBatch + 1 and least < batch then return 'EARLY', newestBatch end
  return nil
end

--- @param isRenewal  '1' if the time for which they are kept is to begin anew; so it does for the first that is kept
local function keepOutcomes(writer, batch, isRenewal, lines)
  local key = keyOfWriter(writer)
  local added = redis.call('HSET', key, 'newest', batch, batch % 4, lines)
  if isRenewal == '1' or added == 2 then redis.call('PEXPIRE', key, KEEP_MS) end
end
