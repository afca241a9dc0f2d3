import { createRequire } from 'node:module'

/** What is used of fengari, the Lua 5.3 that ioredis-mock brings along: it has no types of its own. */
interface Fengari {
  lua: Record<string, (...args: unknown[]) => unknown> & {
    LUA_TNUMBER: number
    LUA_TTABLE: number
    LUA_REGISTRYINDEX: number
  }
  lauxlib: Record<string, (...args: unknown[]) => unknown>
  lualib: { luaL_openlibs(state: unknown): void }
  to_luastring(text: string): Uint8Array
}

const {
  lua,
  lauxlib,
  lualib,
  to_luastring: luaText,
} = createRequire(import.meta.resolve('ioredis-mock'))('fengari') as Fengari

/** Text whose characters are bytes: what a script's text is outside of it. */
export type Bytes = string

/** What a command replies, and what a script does. */
export type Reply = number | Bytes | null | Reply[]

type Call = (command: string, args: Bytes[]) => Reply

/**
 * Runs scripts as Redis does, where ioredis-mock's own way loses bytes that are no UTF-8, takes a missing value for
 * true, and numbers nested lists from 0. Scripts are compiled once, which is most of the time.
 */
export class LuaMachine {
  readonly #state: unknown
  readonly #compiled = new Map<string, unknown>()

  #call: Call = () => null

  constructor() {
    this.#state = lauxlib['luaL_newstate']?.()
    lualib.luaL_openlibs(this.#state)
    lua['lua_createtable']?.(this.#state, 0, 2)
    this.#define('call', false)
    this.#define('pcall', true)
    lua['lua_setglobal']?.(this.#state, luaText('redis'))
  }

  /** @param call carries out one command; what it throws is the script's error, or pcall's */
  run(script: string, keys: readonly Bytes[], args: readonly Bytes[], call: Call): Reply {
    this.#call = call
    this.#push([...keys])
    lua['lua_setglobal']?.(this.#state, luaText('KEYS'))
    this.#push([...args])
    lua['lua_setglobal']?.(this.#state, luaText('ARGV'))
    lua['lua_rawgeti']?.(this.#state, lua.LUA_REGISTRYINDEX, this.#compile(script))
    if (lua['lua_pcall']?.(this.#state, 0, 1, 0) !== 0) throw this.#popError()
    const reply = this.#take(-1)
    this.#pop()
    return reply
  }

  #compile(script: string): unknown {
    let reference = this.#compiled.get(script)
    if (reference === undefined) {
      if (lauxlib['luaL_loadstring']?.(this.#state, luaText(script)) !== 0) throw this.#popError()
      reference = lauxlib['luaL_ref']?.(this.#state, lua.LUA_REGISTRYINDEX)
      this.#compiled.set(script, reference)
    }
    return reference
  }

  #define(name: string, catches: boolean): void {
    lua['lua_pushcfunction']?.(this.#state, () => {
      const count = lua['lua_gettop']?.(this.#state) as number
      const [command = '', ...args] = Array.from({ length: count }, (_, index) => String(this.#take(index + 1)))
      try {
        this.#push(this.#call(command, args))
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (!catches) return lauxlib['luaL_error']?.(this.#state, luaText('%s'), luaText(message))
        lua['lua_createtable']?.(this.#state, 0, 1)
        this.#push(message)
        lua['lua_setfield']?.(this.#state, -2, luaText('err'))
      }
      return 1
    })
    lua['lua_setfield']?.(this.#state, -2, luaText(name))
  }

  #push(value: Reply): void {
    if (value === null) lua['lua_pushboolean']?.(this.#state, false)
    else if (typeof value === 'number') lua['lua_pushinteger']?.(this.#state, value)
    else if (typeof value === 'string') {
      const bytes = Buffer.from(value, 'latin1')
      lua['lua_pushlstring']?.(this.#state, new Uint8Array(bytes), bytes.length)
    } else {
      lua['lua_createtable']?.(this.#state, value.length, 0)
      for (const [index, item] of value.entries()) {
        this.#push(item)
        lua['lua_rawseti']?.(this.#state, -2, index + 1)
      }
    }
  }

  /** What stands on the stack, as Redis would reply it: a list ends at its first gap, false is null. */
  #take(at: number): Reply {
    const type = lua['lua_type']?.(this.#state, at)
    if (type === lua.LUA_TNUMBER) return Math.trunc(lua['lua_tonumber']?.(this.#state, at) as number)
    if (type !== lua.LUA_TTABLE) {
      const text = lua['lua_tolstring']?.(this.#state, at, null) as Uint8Array | null
      return text === null ? null : Buffer.from(text).toString('latin1')
    }
    const items: Reply[] = []
    const length = lua['lua_rawlen']?.(this.#state, at) as number
    for (let index = 1; index <= length; index++) {
      lua['lua_rawgeti']?.(this.#state, at, index)
      items.push(this.#take(-1))
      this.#pop()
    }
    return items
  }

  #popError(): Error {
    const error = new Error(`ERR ${String(this.#take(-1))}`)
    this.#pop()
    return error
  }

  #pop(): void {
    lua['lua_settop']?.(this.#state, -2)
  }
}
