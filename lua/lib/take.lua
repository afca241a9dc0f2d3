--- Values come packed into one argument, value after value: a byte with the length and the value, or 255 for a value
-- that is the next argument by itself (long ones are: the server hashes each text that a script cuts out). They begin
-- at the argument framesAt.
-- src/redis/frame-packer.ts writes it.
local frames, frameAt, longAt = ARGV[framesAt], 1, framesAt
local byteAt, part = string.byte, string.sub

local function takeLong()
  longAt = longAt + 1
  return ARGV[longAt]
end

local function take()
  local length = byteAt(frames, frameAt)
  if length == 255 then
    frameAt = frameAt + 1
    return takeLong()
  end
  local first = frameAt + 1
  frameAt = first + length
  return part(frames, first, frameAt - 1)
end
