package simtest

// The promises of design.md, section 1.
const (
	promiseLost    = "1 nothing lost"
	promiseDoubled = "2 nothing doubled"
	promiseOthers  = "3 nothing else touched"
	promiseSecrets = "4 no secret in the clear"
	promiseHurt    = "5 one user never hurts another"
	promiseWord    = "6 Spotify's word is checked"
	promiseTruth   = "7 the user is told the truth"
	promiseWeek    = "8 a wrong answer costs no week"
	promiseBudget  = "budget of requests"
	promiseEnd     = "convergence within one look"
	promiseTold    = "told in time, once, and not in vain"
)
