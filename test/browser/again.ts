import mocha from 'mocha'

/** For runs with `--retries`: that there is a second try, and why, is seen in the output. */
export default class Again extends mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    runner.on(mocha.Runner.constants.EVENT_TEST_RETRY, ({ title }, error) => {
      console.log(`      again, after it failed once: ${title}\n${error.stack}`)
    })
  }
}
