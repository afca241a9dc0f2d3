--- The lists by user, the expiry queue and the counts: what is kept beside a job's hash.
local function leave(job)
  redis.call('ZREM', keyOfUser(job.userId), job.id)
  redis.call('ZREM', keyOfUserStatus(job.userId, job.status), job.id)
  redis.call('ZREM', keyExpiry, job.id)
  redis.call('HINCRBY', keyCounts, job.status, -1)
end

--- Takes a job from its place to another; '' in the move stands for what does not change.
local function moveTo(job, move)
  local userId = move.userId ~= '' and move.userId or job.userId
  local status = move.status ~= '' and move.status or job.status
  local createdMs = move.createdMs ~= '' and move.createdMs or msOf(job.createdAt)
  if userId ~= job.userId then redis.call('ZREM', keyOfUser(job.userId), job.id) end
  if userId ~= job.userId or move.createdMs ~= '' then redis.call('ZADD', keyOfUser(userId), createdMs, job.id) end
  if userId ~= job.userId or status ~= job.status then
    redis.call('ZREM', keyOfUserStatus(job.userId, job.status), job.id)
  end
  redis.call('ZADD', keyOfUserStatus(userId, status), createdMs, job.id)
  if status ~= job.status then
    redis.call('HINCRBY', keyCounts, job.status, -1)
    redis.call('HINCRBY', keyCounts, status, 1)
  end
  if move.expiresMs ~= '' then redis.call('ZADD', keyExpiry, move.expiresMs, job.id) end
end
