--- Exactly once: a writer numbers its batches, and the outcomes of its last four are kept in a ring.
local KEEP_MS = 3600000

--- Lets the next batch in. @return a tag and its detail if this is not the one
local function admit(writer, batch, acknowledged)
  local kept = redis.call('HMGET', keyOfWriter(writer), 'newest', batch % 4)
  local newestBatch = tonumber(kept[1] or 0)
  if batch <= newestBatch then
    if batch <= newestBatch - 4 or not kept[2] then
      error('batch ' .. batch .. ' is older than the outcomes that are kept')
    end
    redis.call('PEXPIRE', keyOfWriter(writer), KEEP_MS)
    return 'AGAIN', kept[2]
  end
  if newestBatch < acknowledged then return 'REWOUND', newestBatch end
  if batch > newestBatch + 1 then return 'EARLY', newestBatch end
  return nil
end

local function keepOutcomes(writer, batch, outcomes)
  redis.call('HSET', keyOfWriter(writer), 'newest', batch, batch % 4, outcomes)
  redis.call('PEXPIRE', keyOfWriter(writer), KEEP_MS)
end
