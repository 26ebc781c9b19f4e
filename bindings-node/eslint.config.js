// Lints what is JavaScript, and what tsc makes of TypeScript.
import js from '@eslint/js'

const globals = { Buffer: 'readonly', process: 'readonly', URL: 'readonly', performance: 'readonly' }

export default [
  { ignores: ['cjs/**', 'native.cjs'] },
  js.configs.recommended,
  {
    languageOptions: { globals },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-shadow': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'prefer-const': 'error',
    },
  },
]
