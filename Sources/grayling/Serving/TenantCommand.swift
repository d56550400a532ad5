import API
import ArgumentParser
import Client
import Core
import Foundation

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Customers of the gateway: their keys, quotas and use.",
        discussion: """
            Requests of the gateway name a tenant by an API key, as a bearer token. Needs a site admin.

              grayling tenant create shop --tokens-per-day 5000000
              grayling tenant key shop ci > shop.key
              grayling tenant usage shop --from 2026-05-01
            """,
        subcommands: [
            TenantCreate.self, TenantList.self, TenantChangeCommand.self, TenantKey.self, TenantRemove.self, TenantUsage.self
        ])
}

struct QuotaOptions: ParsableArguments {
    @Flag(name: .long, help: "It may choose the side of a release by header.")
    var mayPin = false

    @Option(name: .long, help: "Requests a minute, instead of each endpoint's own quota.")
    var requestsPerMinute: Int?

    @Option(name: .long, help: "Tokens a day (UTC), instead of each endpoint's own quota.")
    var tokensPerDay: Int?
}

struct TenantCreate: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a customer and print its API key, this once.",
        discussion: "  grayling tenant create shop --requests-per-minute 600 > shop.key")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var quota: QuotaOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let wish = NewTenant(
            name: name, mayPin: quota.mayPin ? true : nil, requestsPerMinute: quota.requestsPerMinute, tokensPerDay: quota.tokensPerDay)
        let answer = try await connection.session().bytes(.createTenant, body: JSON.encode(wish))
        if output.json { return Terminal.json(answer) }
        let made = try JSON.decode(CreatedTenant.self, from: Data(answer))
        if !output.quiet { Terminal.note("tenant \(made.tenant.name); its key is not shown again:") }
        Terminal.line(made.key)
    }
}

struct TenantChangeCommand: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Change rights and quotas; what is left out is no quota of its own.",
        discussion: "  grayling tenant change shop --may-pin --tokens-per-day 9000000")

    @Argument(help: "The tenant.")
    var name: String

    @OptionGroup var quota: QuotaOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let wish = TenantChange(mayPin: quota.mayPin, requestsPerMinute: quota.requestsPerMinute, tokensPerDay: quota.tokensPerDay)
        let answer = try await connection.session().bytes(.changeTenant, [name], body: JSON.encode(wish))
        if output.json { return Terminal.json(answer) }
        if output.showsProgress { Terminal.note("tenant \(name) is changed") }
    }
}

struct TenantKey: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make another API key of a customer, or end one.",
        discussion: """
              grayling tenant key shop ci > shop-ci.key
              grayling tenant key shop ci --end
            """)

    @Argument(help: "The tenant.")
    var name: String

    @Argument(help: "The key's name.")
    var key: String

    @Flag(name: .long, help: "End it at once.")
    var end = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let session = try connection.session()
        if end {
            _ = try await session.bytes(.removeTenantKey, [name, key])
            if output.showsProgress { Terminal.note("the key \(key) of \(name) is ended") }
            return
        }
        let answer = try await session.bytes(.createTenantKey, [name], body: JSON.encode(NewTenantKey(name: key)))
        if output.json { return Terminal.json(answer) }
        if !output.quiet { Terminal.note("key \(key) of \(name); it is not shown again:") }
        Terminal.line(try JSON.decode(CreatedTenantKey.self, from: Data(answer)).key)
    }
}

struct TenantList: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List customers, their quotas and the names of their keys.", discussion: "  grayling tenant list --json")

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let found: [TenantInfo] = try await connection.session().all(.listTenants)
        if output.json { return try Terminal.json(Page(items: found)) }
        func quota(_ number: Int?) -> String { number.map(String.init) ?? "-" }
        Terminal.table(
            [["TENANT", "REQUESTS/MIN", "TOKENS/DAY", "TODAY", "MAY PIN", "KEYS", "CREATED"]]
                + found.map {
                    [
                        $0.name, quota($0.requestsPerMinute), quota($0.tokensPerDay), "\($0.tokensToday)", $0.mayPin ? "yes" : "no",
                        $0.keys.joined(separator: ", "), String($0.created.prefix(19))
                    ]
                })
    }
}

struct TenantRemove: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "End a customer's keys at once; what it used stays in the ledger.",
        discussion: "  grayling tenant remove shop")

    @Argument(help: "The tenant.")
    var name: String

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        _ = try await connection.session().bytes(.removeTenant, [name])
        if output.showsProgress { Terminal.note("tenant \(name) is removed") }
    }
}
