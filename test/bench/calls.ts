import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'
import { quantile } from './statistics.ts'

/** Short ones that alternate often: whether two processes share a core changes by the second, and what a call takes with it. */
const leastRounds = 15
const warmUps = 4

/** A unary call against a bare echo, on two connections between the same two processes. */
export async function calls({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 500 : 1000
  const burst = quick ? 5000 : 10_000
  const [a, b] = [Side.start('calls'), Side.start('calls')]
  const latency = emptyRounds()
  const rate = emptyRounds()
  const cpu = emptyRounds()
  const loneCpu = emptyRounds()
  try {
    await a.call('connect', await b.call<[string, string]>('listen'))
    for (let round = -warmUps; round < (quick ? rounds : Math.max(rounds, leastRounds)); round++) {
      for (const who of contenders) {
        const suffix = who === 'floor' ? 'Floor' : 'Ours'
        const begin = (await a.cpu()) + (await b.cpu())
        const times = await a.call<number[]>(`latency${suffix}`, count)
        const before = (await a.cpu()) + (await b.cpu())
        const perSecond = await a.call<number>(`rate${suffix}`, { count: burst, inFlight: 64 })
        const spent = (await a.cpu()) + (await b.cpu()) - before
        // The first ones warm both up
        if (round < 0) continue
        latency[who].push(quantile(times, 0.5))
        loneCpu[who].push((before - begin) / count)
        rate[who].push(perSecond)
        cpu[who].push(spent / burst)
      }
    }
  } finally {
    await Promise.all([a.stop(), b.stop()])
  }
  return {
    name: 'calls',
    title: 'Calls',
    how: `A unary call of 100 bytes on a warm session, against the same bytes echoed on a bare libp2p stream (TCP, Noise, yamux as they come; every message a send of its own). Two processes, a connection each, ours with Noise as a twin has it; ${count} calls one after another, ${burst.toLocaleString('en')} with 64 in flight. Ours stays awake between calls that follow one another at once (decision 0037).`,
    figures: [
      { name: 'one call, p50', unit: 'µs', rounds: latency, goal: { kind: 'ratio', is: 'at most', value: 1.25 } },
      { name: 'CPU of one call, both ends', unit: 'µs', rounds: loneCpu },
      { name: '64 in flight', unit: 'calls/s', rounds: rate, goal: { kind: 'ratio', is: 'at least', value: 3 } },
      { name: 'CPU a call, both ends, 64 in flight', unit: 'µs', rounds: cpu }
    ]
  }
}
