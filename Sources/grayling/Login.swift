import API
import ArgumentParser
import Client
import Core
import Foundation
import Glibc

struct Login: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Save a token for a server.",
        discussion: """
            Asks for the token without showing it, or reads one line from standard input. The server is asked \
            whether it knows the token before it is saved, in a file that only you can read.

              grayling login http://127.0.0.1:7070
              grayling login https://hub.example.com < token.txt
            """)

    @Argument(help: ArgumentHelp("The server's address (or GRAYLING_URL, else \(ServerAddress.standard)).", valueName: "url"))
    var url: String?

    @Option(name: .long, help: ArgumentHelp("The token; it will stand in your shell's history.", valueName: "token"))
    var token: String?

    @Flag(name: .long, help: "Remove the saved token instead.")
    var forget = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let server = try ServerAddress(parsing: url ?? environment["GRAYLING_URL"].flatMap { $0.isEmpty ? nil : $0 } ?? ServerAddress.standard)
        var credentials = try ServerOptions.credentials()
        if forget {
            let had = try credentials.forget(server)
            if !output.quiet { Terminal.note(had ? "forgot the token for \(server)" : "there was no token for \(server)") }
            return
        }
        let fromEnvironment = environment["GRAYLING_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        let secret = try token ?? fromEnvironment ?? ask(server)
        let session = try Session(server: server, token: secret)
        let answer = try await session.bytes(.whoami)
        let who = try JSON.decode(WhoAmI.self, from: Data(answer))
        try credentials.save(secret, for: server)
        if output.json { return Terminal.json(answer) }
        Terminal.line("signed in at \(server) as \(Terminal.plain(who.user)) (token \(Terminal.plain(who.token)), role \(who.role))")
    }

    private func ask(_ server: ServerAddress) throws -> String {
        let hides = isatty(STDIN_FILENO) == 1
        var before = termios()
        if hides {
            Terminal.write("token for \(server): ", to: STDERR_FILENO)
            tcgetattr(STDIN_FILENO, &before)
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        }
        defer {
            if hides {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
                Terminal.note("")
            }
        }
        guard let line = readLine()?.trimmingCharacters(in: .whitespacesAndNewlines), !line.isEmpty else {
            throw HubError(
                .unauthenticated,
                "no token was given; the server printed one when it was first started, and kept it in admin.token in its data folder")
        }
        return line
    }
}
