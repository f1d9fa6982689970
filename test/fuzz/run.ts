// `npm run fuzz -- --frames N [--seed N] [PROTOCOL …]`: mutated frames for everything that takes bytes of strangers. Ends with 1 after
// a crash, a hang over a second, or more than 20 MB that stay. Not coverage-guided: the fuzzer that would be (jazzer.js) needs a
// newer C library than Debian 12 has.
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'
import { targets } from './targets.ts'

const maxGrowthMb = 20
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { frames: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } }
})
const unknown = positionals.filter(name => !targets.some(target => target.name === name))
if (unknown.length > 0) {
  console.error(`No such target: ${unknown.join(', ')}. Expected ${targets.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const [frames, seed] = [Number(values.frames), Number(values.seed)]
console.log(`seed ${seed}`)
for (const target of targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const { findings, slowestMs, growthMb, framesPerSecond, ...report } = await fuzz(target, frames, seed)
  const crashes = findings.filter(({ what }) => what === 'crash').length
  const growth = growthMb === undefined ? 'memory not measured: needs --expose-gc' : `${growthMb.toFixed(1)} MB growth`
  console.log(
    `${target.name.padEnd(10)} ${report.frames.toLocaleString('en')} frames, ${crashes} crashes, ${findings.length - crashes} hangs, slowest ${slowestMs.toFixed(0)} ms, ${growth}, ${Math.round(framesPerSecond).toLocaleString('en')} frames/s`
  )
  for (const { what, message, frame, at } of findings) console.error(`  ${what} at frame ${at}: ${message}\n  ${frame}`)
  if (findings.length > 0 || (growthMb ?? 0) > maxGrowthMb) process.exitCode = 1
}
process.exit()
