import API
import ArgumentParser
import Client
import Core
import Foundation

struct EndpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoint", abstract: "See what is served, by whom, and who may change it.",
        discussion: """
            An endpoint is what clients of the gateway talk to; versions come and go behind it by release.

              grayling endpoint list
              grayling endpoint show chat
              grayling endpoint logs chat
              grayling endpoint grant chat bob release.approve
            """,
        subcommands: [
            EndpointList.self, EndpointShow.self, EndpointHistory.self, EndpointLogs.self, EndpointGrantCommand.self, EndpointDelete.self
        ])
}

struct EndpointList: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the endpoints you can see.", discussion: "  grayling endpoint list --json")

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let found: [EndpointInfo] = try await connection.session().all(.listEndpoints)
        if output.json { return try Terminal.json(Page(items: found)) }
        Terminal.table(
            [["ENDPOINT", "SERVES", "SINCE", "UNDER WAY", "WAITING", "WIRE"]]
                + found.map {
                    [
                        $0.name, $0.stable.map { PlanText.label($0) } ?? "nothing yet", $0.stableSince ?? "-", $0.active ?? "-",
                        $0.pending.isEmpty ? "-" : $0.pending.joined(separator: ", "), $0.wire
                    ]
                })
    }
}

struct EndpointHistory: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List the releases that succeeded: what there is to go back to.",
        discussion: """
              grayling endpoint history chat
              grayling endpoint history chat --routes    (every change of weights instead)
            """)

    @Argument(help: "The endpoint.")
    var name: String

    @Flag(name: .long, help: "Show where the traffic went instead, change by change.")
    var routes = false

    @Option(name: .shortAndLong, help: "At most so many (default 50).")
    var number: Int = 50

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard (1...100_000).contains(number) else { throw ValidationError("--number must be 1 to 100000") }
    }

    func run() async throws {
        let name = try EndpointName(parsing: name).text
        let session = try connection.session()
        if routes {
            let found: [RouteInfo] = try await session.all(.listRoutes, [name], limit: number)
            if output.json { return try Terminal.json(Page(items: found)) }
            return Terminal.table(
                [["ROUTE", "AT", "CAUSE", "RELEASE", "WEIGHTS"]]
                    + found.map { ["\($0.generation)", String($0.at.prefix(19)), $0.cause, $0.release ?? "-", RouteText.weights($0)] })
        }
        let found: [ReleaseInfo] = try await session.all(.listEndpointHistory, [name], limit: number)
        if output.json { return try Terminal.json(Page(items: found)) }
        Terminal.table(
            [["RELEASE", "VERSION", "KIND", "ENDED", "BY", "LOCK"]]
                + found.map {
                    [$0.id, PlanText.label($0.to), $0.kind, String(($0.ended ?? $0.updated).prefix(19)), $0.submittedBy, $0.lock]
                })
    }
}

struct EndpointDelete: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Stop serving and forget an endpoint.",
        discussion: """
            Its releases and what they decided stay readable. Refused while a release is under way; you are asked to type the \
            name, or say --yes.

              grayling endpoint delete chat
            """)

    @Argument(help: "The endpoint.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let name = try EndpointName(parsing: name).text
        let session = try connection.session()
        let seen: EndpointInfo = try await session.call(.showEndpoint, [name])
        if !yes {
            guard Consent.canAsk else {
                throw HubError(.invalidRequest, "'\(name)' would stop serving; say --yes where nobody can be asked")
            }
            Terminal.write("\(name) will stop serving. Type its name to go on: ", to: 2)
            guard readLine() == name else { throw HubError(.invalidRequest, "the name was not repeated; nothing was deleted") }
        }
        _ = try await session.bytes(.deleteEndpoint, [name], headers: [("If-Match", seen.etag)])
        if output.showsProgress { Terminal.note("\(name) serves no more") }
    }
}
