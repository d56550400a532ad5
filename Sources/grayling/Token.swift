import API
import ArgumentParser
import Client
import Core
import Foundation

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and end tokens.",
        discussion: """
            A token's secret is shown once, when it is made; the server keeps only its hash.

              grayling token create ci --role writer --expires-in 90d
              grayling token revoke 7f3a
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

struct TokenCreate: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token and print its secret, this once.",
        discussion: """
            The secret alone goes to standard output, so that it can be kept:

              grayling token create ci --role writer > ci.token
            """)

    @Argument(help: "What the token is for.")
    var name: String

    @Option(name: .long, help: "The most it allows: reader, writer or admin (default writer).")
    var role: String?

    @Option(name: .long, help: ArgumentHelp("How long it lives: a number with s, m, h or d (default: for ever).", valueName: "time"))
    var expiresIn: String?

    @Option(name: .long, help: "For whom. Another than yourself needs a site admin; a new name makes a new user.")
    var user: String?

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        if let expiresIn, Self.seconds(expiresIn) == nil {
            throw ValidationError("'\(expiresIn)' is not a length of time: expected a number with s, m, h or d, such as 90d")
        }
    }

    func run() async throws {
        let wish = NewToken(
            name: name, role: try role.map { try Role(parsing: $0).rawValue }, expiresInSeconds: expiresIn.flatMap(Self.seconds), user: user)
        let answer = try await connection.session().bytes(.createToken, body: JSON.encode(wish))
        if output.json { return Terminal.json(answer) }
        let made = try JSON.decode(CreatedToken.self, from: Data(answer))
        if !output.quiet {
            Terminal.note(
                "token \(Terminal.plain(made.token.name)) (id \(made.token.id)) of \(Terminal.plain(made.token.user)), role \(made.token.role); it is not shown again:"
            )
        }
        Terminal.line(made.secret)
    }

    static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = text.last, let unit = units[last], let number = Int64(text.dropLast()), number > 0, number < 1_000_000_000 else {
            return nil
        }
        return number * unit
    }
}

struct TokenList: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List your tokens, without their secrets.", discussion: "  grayling token list --json")

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let answer = try await connection.session().bytes(.listTokens)
        if output.json { return Terminal.json(answer) }
        let page = try JSON.decode(Page<TokenInfo>.self, from: Data(answer))
        Terminal.table(
            [["ID", "NAME", "USER", "ROLE", "EXPIRES", "LAST USED"]]
                + page.items.map { [$0.id, $0.name, $0.user, $0.role, $0.expires ?? "never", $0.lastUsed ?? "-"] })
    }
}

struct TokenRevoke: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End a token at once.", discussion: "  grayling token revoke 7f3a")

    @Argument(help: "The token's id, as 'grayling token list' shows it.")
    var id: String

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        _ = try await connection.session().bytes(.revokeToken, [id])
        if output.showsProgress { Terminal.note("token \(Terminal.plain(id)) is ended") }
    }
}
