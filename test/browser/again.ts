import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import mocha from 'mocha'

/** With more, it is not the machine that was busy. */
const mostFiles = 3

/**
 * For suites in browsers, where on two busy cores a click can land where a row has been: says in which files specs failed, and why,
 * and writes a list of them, so that these are run once more, each as a whole. Their specs build on each other, so that one
 * that is tried again by itself meets what it left half done. The sums are of the other files alone. What fails outside of a file, or
 * in more than three, counts at once.
 *
 * `--reporter-option list=PATH`: where the list goes, JSON
 */
export default class Again extends mocha.reporters.Spec {
  readonly #list: string | undefined
  readonly #passed: Mocha.Test[] = []

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    this.#list = (options.reporterOptions as { list?: string } | undefined)?.list
    runner.on(mocha.Runner.constants.EVENT_TEST_PASS, test => this.#passed.push(test))
  }

  override epilogue(): void {
    const failed = this.failures as readonly { readonly file?: string }[]
    const files = new Set(failed.map(({ file }) => file))
    if (this.#list === undefined || files.size === 0 || files.size > mostFiles || files.has(undefined)) {
      super.epilogue()
      return
    }
    mocha.reporters.Base.list(this.failures)
    this.stats.passes = this.#passed.filter(({ file }) => !files.has(file)).length
    this.stats.failures = 0
    super.epilogue()
    console.log(`  once more, as a whole: ${[...files].map(file => relative('', file!)).join(', ')}\n`)
    writeFileSync(this.#list, JSON.stringify([...files]))
  }
}
