// wsf_host - runs a .wsf file of Windows Script Host, which Wine's cscript does not know: its scripts one
//            after the other, each language in a script control, where each sees what the others have
//            defined.
// Usage: cscript //nologo wsf_host.js FILE.wsf [ARGUMENT...]
//   Of the form: <script language="..."> with CDATA, and <object id="..." progid="..."/>. WScript.Arguments
//   begins with the file, unlike in Windows: scripts take the last one.
// Reference: "Windows Script Host", "ScriptControl", Microsoft Learn
// SPDX-License-Identifier: MIT

var controls = {};
var objects = {};

function controlOf(language) {
    if (controls[language]) return controls[language];
    var control = new ActiveXObject("MSScriptControl.ScriptControl");
    control.Language = language;
    control.AddObject("WScript", WScript, false);
    for (var id in objects) control.AddObject(id, objects[id], false);
    // What one has defined is there by its name in the other.
    for (var other in controls) {
        control.AddObject("of" + other, controls[other].CodeObject, true);
        controls[other].AddObject("of" + language, control.CodeObject, true);
    }
    controls[language] = control;
    return control;
}

function run(text) {
    var elements = /<object\s+id="(\w+)"\s+progid="([\w.]+)"\s*\/>|<script\s+language="(\w+)"\s*>\s*<!\[CDATA\[([\s\S]*?)\]\]>\s*<\/script>/g;
    var element, count = 0;
    while ((element = elements.exec(text)) != null) {
        if (element[1]) {
            objects[element[1]] = new ActiveXObject(element[2]);
        } else {
            controlOf(element[3]).AddCode(element[4]);
            count++;
        }
    }
    return count;
}

if (WScript.Arguments.length < 1) {
    WScript.Echo("usage: wsf_host.js FILE.wsf [ARGUMENT...]");
    WScript.Quit(2);
}
try {
    new ActiveXObject("MSScriptControl.ScriptControl");
} catch (error) {
    WScript.Echo("skipped: this Wine has no script control: " + error.description);
    WScript.Quit(77);
}
var files = new ActiveXObject("Scripting.FileSystemObject");
try {
    if (run(files.OpenTextFile(WScript.Arguments(0), 1).ReadAll()) == 0) throw new Error(1, "no script in it");
} catch (error) {
    WScript.Echo(WScript.Arguments(0) + ": " + (error.number >>> 0).toString(16) + " " + error.description);
    WScript.Quit(1);
}
