import { defineService } from '../core/index.ts'
import { Login, type LoginComponents, type LoginInit } from './login.ts'
import { loginProtocol } from './protocol.ts'

export const login = defineService(
  loginProtocol,
  (components: LoginComponents, init: LoginInit) => new Login(components, init)
)
