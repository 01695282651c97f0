// Package usecase is what the core does for others: SignUp (a user consents),
// Accounts (what the person does on the account page), FanOut (who is due this
// week) and Archivist (one user's run).
package usecase
