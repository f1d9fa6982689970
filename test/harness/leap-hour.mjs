// Loaded into a twin before its own code: at SIGUSR2 it is an hour later, and whatever was to happen within that happens.
const hourMs = 3_600_000
const longMs = 10 * 60_000
const waiting = new Map()
let aheadMs = 0

const { now } = Date
Date.now = () => now() + aheadMs

globalThis.setTimeout = new Proxy(globalThis.setTimeout, {
  apply(setTimeout, self, [action, ms, ...rest]) {
    const timer = Reflect.apply(setTimeout, self, [action, ms, ...rest])
    if (ms > longMs && ms <= hourMs) waiting.set(timer, action)
    return timer
  }
})
globalThis.clearTimeout = new Proxy(globalThis.clearTimeout, {
  apply(clearTimeout, self, [timer]) {
    waiting.delete(timer)
    return Reflect.apply(clearTimeout, self, [timer])
  }
})

process.on('SIGUSR2', () => {
  aheadMs += hourMs
  const due = [...waiting]
  waiting.clear()
  for (const [timer, action] of due) {
    clearTimeout(timer)
    action()
  }
})
