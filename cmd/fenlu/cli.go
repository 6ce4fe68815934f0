package main

// cli is the command table (DESIGN §6): one file for each command.
type cli struct {
	globals

	Demo     demoCmd        `cmd:"" help:"help_demo"`
	Sample   sampleCmd      `cmd:"" help:"help_sample"`
	Import   importCmd      `cmd:"" help:"help_import"`
	Policies policiesCmd    `cmd:"" help:"help_policies"`
	Rules    rulesCmd       `cmd:"" help:"help_rules"`
	Chains   chainsCmd      `cmd:"" help:"help_chains"`
	Channels channelsCmd    `cmd:"" help:"help_channels"`
	Lots     lotsCmd        `cmd:"" help:"help_lots"`
	Balance  balanceCmd     `cmd:"" help:"help_balance"`
	Trial    trialCmd       `cmd:"" name:"trial-balance" help:"help_trial"`
	State    statementCmd   `cmd:"" name:"statement" help:"help_statement"`
	Journal  journalCmd     `cmd:"" help:"help_journal"`
	Funds    fundsCmd       `cmd:"" help:"help_funds"`
	Carry    carryCmd       `cmd:"" name:"carry-over" help:"help_carry_over"`
	Carveout carveoutCmd    `cmd:"" help:"help_carveout"`
	Aid      aidCmd         `cmd:"" help:"help_aid"`
	Reserve  reserveCmd     `cmd:"" help:"help_reserve"`
	Areas    areasCmd       `cmd:"" help:"help_areas"`
	Recovery recoveryCmd    `cmd:"" help:"help_recovery"`
	Period   periodCmd      `cmd:"" help:"help_period"`
	Vouchers vouchersCmd    `cmd:"" help:"help_vouchers"`
	Books    booksCmd       `cmd:"" help:"help_books"`
	House    householdCmd   `cmd:"" name:"household" help:"help_household"`
	Person   personCmd      `cmd:"" help:"help_person"`
	Payee    payeeCmd       `cmd:"" help:"help_payee"`
	Batch    batchCmd       `cmd:"" help:"help_batch"`
	Publish  publicationCmd `cmd:"" name:"publication" help:"help_publication"`
	Recon    reconcileCmd   `cmd:"" name:"reconcile" help:"help_reconcile"`
	Bankfile bankfileCmd    `cmd:"" help:"help_bankfile"`
	Trace    traceCmd       `cmd:"" help:"help_trace"`
	Report   reportCmd      `cmd:"" help:"help_report"`
	Verify   verifyCmd      `cmd:"" help:"help_verify"`
	Audit    auditCmd       `cmd:"" help:"help_audit"`
	Witness  witnessCmd     `cmd:"" help:"help_witness"`
	Key      keyCmd         `cmd:"" help:"help_key"`
	Activity activityCmd    `cmd:"" help:"help_activity"`
	Users    usersCmd       `cmd:"" help:"help_users"`
	Migrate  migrateCmd     `cmd:"" help:"help_migrate"`
	DB       dbCmd          `cmd:"" name:"db" help:"help_db"`
	Bench    benchCmd       `cmd:"" help:"help_bench"`
	Version  versionCmd     `cmd:"" help:"help_version"`
}
