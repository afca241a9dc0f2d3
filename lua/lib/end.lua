--- Ends a job, by delete or expiry: the event, then a tombstone in place of its hash, so that the id goes on counting.
-- All that it writes must have been checked.
local function endJob(job, type, meta)
  append(job, type, job.userId, '', meta, '\128')
  redis.call('DEL', job.key)
  redis.call('HSET', job.key, '@version', job.versionText, '@event', job.event)
  leave(job)
  job.status, job.base = false, false
end

--- A delete. @return the outcome's tag and a space, or nil and what is wrong
local function deleteJob(command, job)
  local wrong = checkPlaces(job.userId, job.status)
  if wrong then return nil, wrong end
  endJob(job, command.type, command.meta)
  return 'A '
end
