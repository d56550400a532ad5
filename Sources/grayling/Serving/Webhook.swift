import API
import ArgumentParser
import Client
import Core
import Foundation

struct Webhook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Addresses that are told what releases do.",
        discussion: """
            A manifest names a webhook under release.notify. Bodies are CloudEvents 1.0 in JSON, signed with HMAC-SHA256, sent at \
            least once and in order for each release. Needs a site admin.

              grayling webhook create ops https://ops.example/hooks/grayling > ops.secret
              grayling webhook list
            """,
        subcommands: [WebhookCreate.self, WebhookList.self, WebhookDelete.self])
}

struct WebhookCreate: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Name an address and print the secret that bodies are signed with, this once.",
        discussion: "  grayling webhook create ops https://ops.example/hooks/grayling > ops.secret")

    @Argument(help: "Its name in manifests.")
    var name: String

    @Argument(help: "Where to, http or https.")
    var url: String

    @Option(name: .long, help: ArgumentHelp("A file whose first line is the secret (default: one is made).", valueName: "file"), completion: .file())
    var secretFile: String?

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        // Not as an argument: other users of this machine would see it.
        let secret = try secretFile.map { file in
            let text = String(decoding: try LocalText.read(file, limit: 4096), as: UTF8.self)
            return String(text.prefix { $0 != "\n" && $0 != "\r\n" })
        }
        let answer = try await connection.session().bytes(.createWebhook, body: JSON.encode(NewWebhook(name: name, url: url, secret: secret)))
        if output.json { return Terminal.json(answer) }
        let made = try JSON.decode(CreatedWebhook.self, from: Data(answer))
        if !output.quiet { Terminal.note("webhook \(made.webhook.name); its secret is not shown again:") }
        Terminal.line(made.secret)
    }
}

struct WebhookList: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List webhooks, what waits for them and why.", discussion: "  grayling webhook list --json")

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let found: [WebhookInfo] = try await connection.session().all(.listWebhooks)
        if output.json { return try Terminal.json(Page(items: found)) }
        Terminal.table(
            [["WEBHOOK", "ADDRESS", "WAITING", "LAST ERROR", "BY", "CREATED"]]
                + found.map { [$0.name, $0.url, "\($0.waiting)", $0.lastError ?? "-", $0.by, String($0.created.prefix(19))] })
    }
}

struct WebhookDelete: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Forget a webhook and what it has not received.", discussion: "  grayling webhook delete ops")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        _ = try await connection.session().bytes(.deleteWebhook, [name])
        if output.showsProgress { Terminal.note("webhook \(name) is deleted") }
    }
}
