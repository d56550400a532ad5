import API
import ArgumentParser
import Client
import Core
import Foundation

struct ReleaseLog: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show everything that happened to a release.",
        discussion: """
            One line an event, the oldest first; --decisions shows instead what was decided, by which rule, and the numbers it was \
            decided from. Each event is chained to the one before by hash.

              grayling release log chat-7
              grayling release log chat --follow
              grayling release log chat-7 --decisions --json
            """)

    @OptionGroup var release: ReleaseArgument

    @Flag(name: .long, help: "Stay, and show what comes until the release has ended.")
    var follow = false

    @Flag(name: .long, help: "Show decisions instead of events.")
    var decisions = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard !(follow && decisions) else { throw ValidationError("choose one of --follow and --decisions") }
    }

    func run() async throws {
        let session = try connection.session()
        let id = try ReleaseID(parsing: try await release.find(session).id)
        let isJSON = output.json
        if follow { return try await session.follow(id) { try EventText.show($0, json: isJSON) } }
        if decisions {
            let found: [DecisionInfo] = try await session.all(.listDecisions, [id.description])
            if output.json { return try Terminal.json(Page(items: found)) }
            for decision in found {
                Terminal.line(
                    "\(decision.at.prefix(19))  \(decision.verdict) by rule \(decision.rule)  \(Terminal.plain(decision.reason))  (inputs \(decision.inputsDigest))"
                )
            }
            return
        }
        let events: [ReleaseEventInfo] = try await session.all(.listReleaseEvents, [id.description])
        if output.json { return try Terminal.json(Page(items: events)) }
        for event in events { try EventText.show(event, json: false) }
    }
}

enum EventText {
    static func show(_ event: ReleaseEventInfo, json: Bool) throws {
        if json { return try Terminal.json(event) }
        Terminal.line(line(event))
    }

    static func line(_ event: ReleaseEventInfo) -> String {
        let phase = event.phase == event.phaseBefore ? event.phase : "\(event.phaseBefore) -> \(event.phase)"
        let actor = event.actor.isEmpty ? "" : " by \(event.actor)"
        let detail = event.detail.isEmpty ? "" : "  \(event.detail)"
        let commands = event.commands.isEmpty ? "" : "  [\(event.commands.joined(separator: "; "))]"
        return Terminal.plain("\(event.at.prefix(19))  \(event.sequence)  \(event.event)\(actor)  \(phase)\(detail)\(commands)")
    }
}
