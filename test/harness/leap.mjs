// Loaded into a twin before its own code: at SIGUSR2 the time of its pairing links is over, as it is four minutes later.
const lifetimeMs = 4 * 60_000
const waiting = new Map()

globalThis.setTimeout = new Proxy(globalThis.setTimeout, {
  apply(setTimeout, self, [action, ms, ...rest]) {
    const timer = Reflect.apply(setTimeout, self, [action, ms, ...rest])
    if (ms === lifetimeMs) waiting.set(timer, action)
    return timer
  }
})

process.on('SIGUSR2', () => {
  for (const [timer, action] of waiting) {
    clearTimeout(timer)
    action()
  }
  waiting.clear()
})
